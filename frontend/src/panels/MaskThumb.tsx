// The mask in the panel: every weight at once in whole pixels, broken groups circled; opens the large view.
import { useLayoutEffect, useRef } from 'preact/hooks';
import { Icon } from '../ui/icon';
import { overviewPatch } from '../canvas/mask-view';
import { paintBoundaries, paintGroups, paintPatch, type Frame } from '../canvas/mask-paint';
import { readTheme } from '../canvas/theme';
import { count, countShort } from '../lib/numbers';
import { OVERVIEW, violations, type Picture } from '../state/picture';
import { theme } from '../state/theme';
import { dialog } from '../state/view';
import type { MaskFacts } from '../api/schema';

/** Room for a ring that reaches over the edge, CSS px. */
const EDGE = 6;
/** More rings than these would hide the mask. */
const MOST_RINGS = 24;
/** A weight is never larger, CSS px. */
const LARGEST = 10;

export function MaskThumb({ seen }: { seen: Picture }) {
  const { mask } = seen;
  const groups = violations.value;
  const open = () => {
    dialog.value = { kind: 'mask' };
  };
  return (
    <div class="closeup-mask">
      <h3>Mask <span class="aside">in →, out ↓</span></h3>
      {mask === null ? <div class="closeup-wait" role="status">Reading {countShort(seen.row.elements)} weights…</div> : <Thumb mask={mask} onOpen={open} />}
      {mask && <p class="closeup-note">{noteOf(mask)}</p>}
      {groups && groups.violating > 0 && (
        <p class="closeup-note alert">{groups.first.length > MOST_RINGS ? `${MOST_RINGS} of ${count(groups.violating)}` : count(groups.violating)} circled: {groups.most > 0 ? 'over' : 'zero in part,'} {groups.format}</p>
      )}
    </div>
  );
}

function Thumb({ mask, onOpen }: { mask: MaskFacts; onOpen: () => void }) {
  const box = useRef<HTMLCanvasElement>(null);
  const groups = violations.value;
  const shown = theme.value;
  const ratio = devicePixelRatio || 1;
  const frame = frameOf(mask, Math.floor(OVERVIEW * ratio), ratio);
  const width = Math.ceil(mask.width / mask.pool_columns) * mask.pool_columns * frame.perColumn;
  const height = Math.ceil(mask.height / mask.pool_rows) * mask.pool_rows * frame.perRow;
  useLayoutEffect(() => {
    const canvas = box.current!;
    const edge = Math.round(EDGE * ratio);
    canvas.width = Math.round(width) + 2 * edge;
    canvas.height = Math.round(height) + 2 * edge;
    const ctx = canvas.getContext('2d');
    if (!ctx) return;
    const colours = readTheme(canvas);
    const inside = { ...frame, x: edge, y: edge };
    const patch = overviewPatch(mask, { ...colours, surface: colours.surface2 }, 'both');
    if (patch) paintPatch(ctx, inside, patch);
    ctx.strokeStyle = colours.line;
    ctx.lineWidth = 1;
    ctx.strokeRect(edge - 0.5, edge - 0.5, Math.round(width) + 1, Math.round(height) + 1);
    paintBoundaries(ctx, inside, mask, colours);
    if (groups) paintGroups(ctx, inside, groups, MOST_RINGS, -1, colours);
  }, [mask, groups, shown, ratio]);
  const style = { width: `${(Math.round(width) + 2 * Math.round(EDGE * ratio)) / ratio}px`, height: `${(Math.round(height) + 2 * Math.round(EDGE * ratio)) / ratio}px` };
  return (
    <button type="button" class="closeup-open" title="Look closer: zoom to single weights" aria-label="Open the mask in a large view" onClick={onOpen}>
      <canvas ref={box} style={style} />
      <span class="closeup-zoom"><Icon name="search" /></span>
    </button>
  );
}

/** How many device pixels an entry takes, so that each pixel of the overview is whole. */
export function frameOf(mask: MaskFacts, room: number, ratio: number): Frame {
  const [rows, columns] = [Math.ceil(mask.height / mask.pool_rows), Math.ceil(mask.width / mask.pool_columns)];
  const most = Math.round(LARGEST * ratio);
  let [down, right] = [Math.floor(room / rows), Math.floor(room / columns)].map((one) => Math.min(most, Math.max(1, one))) as [number, number];
  // Squares where a pixel stands for a square; a long strip may be up to four times as wide as true.
  if (mask.pool_rows === mask.pool_columns) {
    const stretch = Math.max(rows, columns) > 4 * Math.min(rows, columns) ? 4 : 1;
    [down, right] = [Math.min(down, right * stretch), Math.min(right, down * stretch)];
  }
  return { x: 0, y: 0, perRow: down / mask.pool_rows, perColumn: right / mask.pool_columns, ratio };
}

/** "192 × 192, a pixel is 2 × 2 weights". */
function noteOf(mask: MaskFacts): string {
  const size = `${count(mask.height)} × ${count(mask.width)}`;
  const pooled = mask.pool_rows * mask.pool_columns > 1 ? `, a pixel: ${count(mask.pool_rows)} × ${count(mask.pool_columns)}` : '';
  return size + pooled;
}
