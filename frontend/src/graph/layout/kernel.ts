// The layout's inner loops: as they stand in `kernel/`, or compiled, where the page brought that.
import { orderRows } from './kernel/order';
import { place } from './kernel/place';

interface Kernel {
  readonly orderRows: typeof orderRows;
  readonly place: typeof place;
}

let ready: Kernel = { orderRows, place };
let brought: (() => ArrayBuffer) | null = null;

/** The functions to call; compiled or not, they give the same results bit for bit. */
export function kernel(): Kernel {
  if (brought !== null) {
    ready = compiled(brought()) ?? ready;
    brought = null;
  }
  return ready;
}

/**
 * Has the kernel that `bytes` gives take over with the first layout. It runs fast at once, where the
 * browser would interpret the scripts for longer than the first picture takes.
 */
export function bringCompiled(bytes: () => ArrayBuffer): void {
  brought = bytes;
}

type Numbers = Int32Array | Float64Array;

/** What `kernel/index.ts` exports, as addresses: an array is where its head lies. */
interface Compiled {
  readonly memory: WebAssembly.Memory;
  readonly ints: (length: number) => number;
  readonly floats: (length: number) => number;
  readonly forget: () => void;
  readonly orderRows: (...args: number[]) => number;
  readonly place: (...args: number[]) => void;
}

/** Where an array's head tells its data are; AssemblyScript's `ArrayBufferView`. */
const DATA = 4;

/** Null where a browser compiles none: the script does the same, later. */
function compiled(bytes: ArrayBuffer): Kernel | null {
  try {
    const found = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as unknown as Compiled;
    return {
      orderRows: (...args) => call(found, found.orderRows, args),
      place: (...args) => call(found, found.place, args),
    };
  } catch {
    return null;
  }
}

/** Calls a function on copies of the arrays; its first array is copied back. */
function call<R>(on: Compiled, run: (...args: number[]) => R, args: readonly (number | Numbers)[]): R {
  on.forget();
  const at = args.map((one) => {
    if (typeof one === 'number') return one;
    return one instanceof Int32Array ? on.ints(one.length) : on.floats(one.length);
  });
  // After all are made: memory that grows is another buffer.
  args.forEach((one, k) => {
    if (typeof one !== 'number') data(on, at[k], one).set(one);
  });
  const result = run(...at);
  const first = args[0] as Numbers;
  first.set(data(on, at[0], first));
  return result;
}

function data({ memory }: Compiled, head: number, like: Numbers): Numbers {
  const from = new DataView(memory.buffer).getUint32(head + DATA, true);
  return like instanceof Int32Array
    ? new Int32Array(memory.buffer, from, like.length)
    : new Float64Array(memory.buffer, from, like.length);
}
