// Draws the budget bar: a cell for each tensor, as wide as its weights, in the colour of its sparsity.
import type { Theme } from './theme';

export interface BudgetCell {
  readonly elements: number;
  /** null: not measured */
  readonly sparsity: number | null;
  readonly marked: boolean;
}

/** Narrower cells are joined to one colour, px on the device. */
const NARROW = 3;
const UNDERLINE = 3;

interface Span {
  readonly from: number;
  readonly to: number;
  readonly sparsity: number | null;
  readonly marked: boolean;
}

/** Cells as spans of whole device pixels; neighbours too narrow to be told apart become one. */
export function spansOf(list: readonly BudgetCell[], width: number): Span[] {
  const total = list.reduce((sum, cell) => sum + cell.elements, 0);
  if (total === 0) return [];
  const spans: Span[] = [];
  let seen = 0;
  let from = 0;
  let joined: { elements: number; zeros: number; known: boolean; marked: boolean } | null = null;
  list.forEach((cell, at) => {
    seen += cell.elements;
    joined ??= { elements: 0, zeros: 0, known: true, marked: false };
    joined.elements += cell.elements;
    joined.zeros += (cell.sparsity ?? 0) * cell.elements;
    joined.known &&= cell.sparsity !== null;
    joined.marked ||= cell.marked;
    const to = Math.round((seen / total) * width);
    if (to - from < NARROW && at < list.length - 1) return;
    if (to > from || spans.length === 0) spans.push({ from, to, sparsity: joined.known ? joined.zeros / joined.elements : null, marked: joined.marked });
    else {
      // No room for the last ones: they join their neighbour, which keeps their mark.
      const last = spans[spans.length - 1]!;
      spans[spans.length - 1] = { ...last, marked: last.marked || joined.marked };
    }
    from = to;
    joined = null;
  });
  return spans;
}

/**
 * `size` in device px. `plain`: the canvas has other colours now, so a share is told by how high a cell is filled: two
 * scales on one screen would be mixed up.
 */
export function paintBudget(
  ctx: CanvasRenderingContext2D, list: readonly BudgetCell[], size: { width: number; height: number }, ratio: number, theme: Theme, plain = false,
): void {
  ctx.setTransform(1, 0, 0, 1, 0, 0);
  ctx.clearRect(0, 0, size.width, size.height);
  const line = Math.max(1, Math.round(ratio));
  const tall = size.height - Math.round((UNDERLINE + 2) * ratio);
  for (const span of spansOf(list, size.width)) {
    const gap = span.to - span.from > 4 * line ? line : 0;
    const width = span.to - span.from - gap;
    if (span.sparsity === null || span.sparsity === 0) {
      ctx.fillStyle = theme.surface;
      ctx.fillRect(span.from, 0, width, tall);
      ctx.strokeStyle = span.sparsity === null ? theme.ink3 : theme.ink2;
      ctx.lineWidth = line;
      ctx.setLineDash(span.sparsity === null ? [3 * ratio, 2 * ratio] : []);
      if (width > 2 * line) ctx.strokeRect(span.from + line / 2, line / 2, width - line, tall - line);
      else ctx.fillRect(span.from, 0, width, tall);
      ctx.setLineDash([]);
    } else {
      ctx.fillStyle = plain ? theme.surface : theme.scale(span.sparsity);
      ctx.fillRect(span.from, 0, width, tall);
      if (plain) {
        const filled = Math.max(1, Math.round(span.sparsity * tall));
        ctx.fillStyle = theme.ink3;
        ctx.fillRect(span.from, tall - filled, width, filled);
      }
      ctx.strokeStyle = theme.tileLine;
      ctx.lineWidth = line;
      if (width > 3 * line) ctx.strokeRect(span.from + line / 2, line / 2, width - line, tall - line);
    }
    if (!span.marked) continue;
    ctx.fillStyle = theme.accent;
    ctx.fillRect(span.from, size.height - Math.round(UNDERLINE * ratio), span.to - span.from, Math.round(UNDERLINE * ratio));
  }
}
