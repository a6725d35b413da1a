// The preview in a picture: a corner of the mask as it would be, and |w| with the border that cuts it.
import { useLayoutEffect, useRef } from 'preact/hooks';
import { absoluteBins, paintBorder, reachOf } from '../canvas/border-paint';
import { imageOf, maskPixels } from '../canvas/mask-look';
import { readTheme } from '../canvas/theme';
import { count } from '../lib/numbers';
import { valueText } from '../lib/values';
import { corner, CORNER, picturedRow, spread, type Corner } from '../state/prune-picture';
import { theme } from '../state/theme';
import type { Histogram } from '../api/schema';
import { estimated, settling, type ShownRow } from '../state/preview';
import { Middle } from '../ui/text';
import { titleOf } from '../state/weights';

const CHART = { width: 228, height: 64 };

export function PrunePicture() {
  const row = picturedRow.value;
  if (row === null) return null;
  const mask = corner.value?.weight === row.weight ? corner.value : null;
  const values = spread.value?.weight === row.weight ? spread.value.found : null;
  return (
    <div class="prune-picture">
      <div class={`prune-corner${settling.value ? ' stale' : ''}`}>
        <CornerCanvas mask={mask} />
      </div>
      <div class="prune-cut">
        <p class="prune-cut-name"><Middle text={titleOf(row.layer)} /></p>
        <p class="muted">{mask ? cornerText(mask) : ' '}</p>
        {values && <Chart histogram={values} row={row} />}
      </div>
    </div>
  );
}

/** "its first 96 × 96 of 384 × 1,536 weights". */
function cornerText(mask: Corner): string {
  const whole = mask.height === mask.rows && mask.width === mask.columns;
  const size = `${count(mask.height)} × ${count(mask.width)}`;
  return whole ? `mask, ${size}` : `mask: first ${size} of ${count(mask.rows)} × ${count(mask.columns)}`;
}

function CornerCanvas({ mask }: { mask: Corner | null }) {
  const box = useRef<HTMLCanvasElement>(null);
  const shown = theme.value;
  const ratio = devicePixelRatio || 1;
  useLayoutEffect(() => {
    const canvas = box.current!;
    const side = Math.round(CORNER * ratio);
    canvas.width = side;
    canvas.height = side;
    const ctx = canvas.getContext('2d');
    if (!ctx) return;
    const colours = readTheme(canvas);
    ctx.fillStyle = colours.surface2;
    ctx.fillRect(0, 0, side, side);
    if (mask === null) return;
    // Whole device pixels for every weight, or the picture would show stripes that are not there.
    const step = Math.max(1, Math.floor(side / Math.max(mask.height, mask.width)));
    const image = imageOf(maskPixels(mask.density, mask.density, colours.surface, colours.ink, 'zeros'), mask.width, mask.height);
    ctx.imageSmoothingEnabled = false;
    if (image) ctx.drawImage(image, 0, 0, mask.width * step, mask.height * step);
  }, [mask, shown, ratio]);
  const label = mask ? `${cornerText(mask)}; ink is a weight that stays, paper a zero` : 'The mask is on its way';
  return <canvas ref={box} role="img" aria-label={label} title={label} style={{ width: `${CORNER}px`, height: `${CORNER}px` }} />;
}

function Chart({ histogram, row }: { histogram: Histogram; row: ShownRow }) {
  const box = useRef<HTMLCanvasElement>(null);
  const shown = theme.value;
  const ratio = devicePixelRatio || 1;
  const bins = absoluteBins(histogram);
  // Quantized weights are told in steps, their border in real values: a scale for each channel lies between.
  const border = histogram.integer ? null : row.border;
  useLayoutEffect(() => {
    const canvas = box.current!;
    canvas.width = Math.round(CHART.width * ratio);
    canvas.height = Math.round(CHART.height * ratio);
    const ctx = canvas.getContext('2d');
    if (ctx) paintBorder(ctx, bins, border, CHART, ratio, readTheme(canvas));
  }, [histogram, border, shown, ratio]);
  const reach = reachOf(bins, border);
  const at = border === null ? null : Math.min(1, border / reach);
  return (
    <>
      <div class="cut-labels">
        <Kept border={row.border} at={at} />
      </div>
      <canvas ref={box} role="img" style={{ width: `${CHART.width}px`, height: `${CHART.height}px` }}
        aria-label={border === null ? 'Distribution of |w|' : `Distribution of |w|; kept from ${borderText(border)}`} />
      <div class="cut-labels muted"><span>0</span><span>√ scale</span><span>|w| {valueText(reach)}{histogram.integer && ' steps'}</span></div>
    </>
  );
}

/** The least |w| that stays; from a sample it is no more than near it. */
const borderText = (border: number) => `${estimated.value === null ? '' : '≈ '}${valueText(border)}`;

/** What stays, in words; `at`: where the line is in the chart, 0..1, null where it has none. */
function Kept({ border, at }: { border: number | null; at: number | null }) {
  if (border === null) return <span class="muted">each group or block decides by itself</span>;
  if (at === null) return <span class="accent" title={estimated.value ?? undefined}>kept: real |w| from {borderText(border)}</span>;
  return <><span class="muted" style={{ visibility: at > 0.2 ? 'visible' : 'hidden' }}>pruned</span><span class="accent" title={estimated.value ?? undefined}>kept: |w| from {borderText(border)}</span></>;
}
