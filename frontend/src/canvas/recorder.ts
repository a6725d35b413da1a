// A stand-in for the 2D context in tests: does nothing, remembers every call with its style.

export interface Call {
  readonly name: string;
  readonly args: readonly unknown[];
  readonly fill: string;
  readonly stroke: string;
  readonly font: string;
  readonly alpha: number;
  readonly lineWidth: number;
  readonly dash: readonly number[];
  /** Where the current transform puts the origin, device px. */
  readonly origin: readonly [number, number];
}

export interface Recorder {
  readonly context: CanvasRenderingContext2D;
  readonly calls: Call[];
  /** What was written, in order. */
  texts(): string[];
  named(name: string): Call[];
}

/** Text is 6 px per letter at any size, or `letter` sizes of its font. */
export function recorder(letter: number | null = null): Recorder {
  const calls: Call[] = [];
  const state: Record<string, unknown> = {
    fillStyle: '#000',
    strokeStyle: '#000',
    font: '',
    globalAlpha: 1,
    lineWidth: 1,
  };
  let dash: number[] = [];
  let origin: [number, number] = [0, 0];
  const context = new Proxy(state, {
    get(target, key: string) {
      if (key in target) return target[key];
      return (...args: unknown[]): unknown => {
        if (key === 'setLineDash') dash = args[0] as number[];
        if (key === 'setTransform') origin = [args[4] as number, args[5] as number];
        calls.push({
          name: key,
          args,
          fill: String(target.fillStyle),
          stroke: String(target.strokeStyle),
          font: String(target.font),
          alpha: Number(target.globalAlpha),
          lineWidth: Number(target.lineWidth),
          dash,
          origin,
        });
        return key === 'measureText' ? { width: widthOf(letter, state) * String(args[0]).length } : undefined;
      };
    },
  }) as unknown as CanvasRenderingContext2D;
  const named = (name: string): Call[] => calls.filter((call) => call.name === name);
  return { context, calls, named, texts: () => named('fillText').map((call) => String(call.args[0])) };
}

function widthOf(letter: number | null, { font }: Record<string, unknown>): number {
  return letter === null ? 6 : letter * parseFloat(/[\d.]+px/.exec(String(font))?.[0] ?? '0');
}

/** happy-dom has no Path2D; the painters only hand it on. */
export class StubPath {
  constructor(readonly data: string) {}
}
