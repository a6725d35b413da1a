// The distribution of a weight's values in the panel: zeros apart, the rest on a square-root scale.
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { barsOf, domainOf, paintBars, paintSpike, type Bar } from '../canvas/histogram-paint';
import { readTheme } from '../canvas/theme';
import { count, countShort, percentShort, plural } from '../lib/numbers';
import { valueText } from '../lib/values';
import type { Picture } from '../state/picture';
import { theme } from '../state/theme';
import type { Histogram } from '../api/schema';

// With the mask beside it and a scroll bar, no wider than the panel.
const WIDTH = 114;
const HEIGHT = 132;
const SPIKE = 24;

export function ValuesChart({ seen }: { seen: Picture }) {
  const { histogram, row } = seen;
  return (
    <div class="closeup-values">
      <h3>Values <span class="aside">{histogram?.integer ? 'in steps, √ scale' : '√ scale'}</span></h3>
      {histogram && row.elements > 0 && <Chart histogram={histogram} />}
    </div>
  );
}

function Chart({ histogram }: { histogram: Histogram }) {
  const [hover, setHover] = useState(-1);
  const spike = useRef<HTMLCanvasElement>(null);
  const rest = useRef<HTMLCanvasElement>(null);
  const shown = theme.value;
  const ratio = devicePixelRatio || 1;
  const bars = barsOf(histogram, WIDTH);
  const total = histogram.zeros + histogram.nonzeros;
  useLayoutEffect(() => {
    const draw = (canvas: HTMLCanvasElement, width: number, paint: (ctx: CanvasRenderingContext2D) => void) => {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(HEIGHT * ratio);
      const ctx = canvas.getContext('2d');
      if (ctx) paint(ctx);
    };
    const colours = readTheme(rest.current!);
    draw(spike.current!, SPIKE, (ctx) => paintSpike(ctx, histogram.zeros, bars, { width: SPIKE, height: HEIGHT }, ratio, colours));
    draw(rest.current!, WIDTH, (ctx) => paintBars(ctx, bars, { width: WIDTH, height: HEIGHT }, ratio, hover, colours));
  }, [histogram, shown, ratio, hover]);
  const domain = domainOf(histogram);
  const bar = bars[hover];
  const move = (event: PointerEvent) => setHover(barAt(bars, event.offsetX));
  const size = (width: number) => ({ width: `${width}px`, height: `${HEIGHT}px` });
  return (
    <>
      <div class="closeup-chart">
        {bar
          ? <span class="chart-over chart-bar">{barText(bar, histogram)}</span>
          : <><span class="chart-over">{percentShort(histogram.zeros / total)}</span><span class="chart-over chart-right">{countShort(histogram.nonzeros)} non-zero</span></>}
        <canvas ref={spike} style={size(SPIKE)} role="img" aria-label={plural(histogram.zeros, 'zero', 'zeros')} />
        <canvas ref={rest} style={size(WIDTH)} role="img" aria-label={aloud(histogram)} onPointerMove={move} onPointerLeave={() => setHover(-1)} />
        <span class="chart-under">zero</span>
        <span class="chart-under chart-ends">
          {domain && <><span>{valueText(domain.from)}</span>{domain.from < 0 && domain.to > 0 && <span>0</span>}<span>{valueText(domain.to)}</span></>}
        </span>
      </div>
      {histogram.mean !== null && <p class="closeup-note">mean {valueText(histogram.mean)}, std {valueText(histogram.std ?? 0)}</p>}
      {histogram.nan + histogram.inf > 0 && <p class="closeup-note warn">{count(histogram.nan)} NaN, {count(histogram.inf)} infinite: in no bar</p>}
    </>
  );
}

/** The bar under a point, or the nearest within 4 px; -1: none. */
export function barAt(bars: readonly Bar[], x: number): number {
  let best = -1;
  let least = 4;
  bars.forEach((bar, at) => {
    const away = Math.max(bar.x - x, x - bar.x - bar.width, 0);
    if (away < least) [best, least] = [at, away];
  });
  return best;
}

function barText(bar: Bar, histogram: Histogram): string {
  const one = histogram.integer && bar.to - bar.from === 1;
  const range = one ? valueText(bar.from) : `${valueText(bar.from)} … ${valueText(bar.to)}`;
  return `${range}: ${count(bar.count)}`;
}

function aloud(histogram: Histogram): string {
  if (histogram.min === null || histogram.max === null) return 'No values but zeros';
  return `${count(histogram.nonzeros)} values that are not zero, from ${valueText(histogram.min)} to ${valueText(histogram.max)}`;
}
