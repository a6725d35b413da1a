// From weight rows to what the canvas draws on each node: one tile per operator.
import { DECLARED, MEASURED, NONE, UNMEASURED, type Tiles } from '../canvas/tiles';
import type { GraphDocument } from '../graph/document';
import type { WeightRow } from '../api/schema';
import { glyphIndex, glyphOf } from '../lib/glyphs';
import { percentShort, plural } from '../lib/numbers';
import { commonFormat, isFlagged, together } from '../state/weights';

export function tilesOf(
  shown: GraphDocument, rowsTold: ReadonlyMap<number, readonly WeightRow[]>, rowsById?: ReadonlyMap<number, WeightRow>,
): Tiles {
  const { count } = shown;
  const tiles = {
    state: new Uint8Array(count),
    sparsity: new Float32Array(count),
    glyph: new Uint8Array(count),
    flag: new Uint8Array(count),
    edited: new Uint8Array(count),
    unread: new Uint8Array(count),
    kept: new Uint8Array(count),
    tag: Array<string | null>(count).fill(null),
    rowShare: shown.rows && Float32Array.from(shown.rows.weight, (id) => rowsById?.get(id)?.sparsity ?? NaN),
  };
  for (let at = 0; at < count; at += 1) {
    const rows = rowsTold.get(shown.nodeId[at]!);
    if (!rows) {
      // Its rows are still on their way.
      if (shown.layer[at] === 1) tiles.state[at] = UNMEASURED;
      continue;
    }
    const holds = shown.within ? shown.within.end[at]! > shown.within.start[at]! : false;
    const share = together(rows).sparsity;
    const claim = holds ? claimWithin(rows) : (rows.find((row) => row.declared !== null)?.declared ?? null);
    if (share !== null) {
      tiles.state[at] = MEASURED;
      tiles.sparsity[at] = share;
      tiles.glyph[at] = glyphIndex(glyphOf(commonFormat(rows)));
    } else if (claim !== null && claim.sparsity !== null) {
      tiles.state[at] = DECLARED;
      tiles.sparsity[at] = claim.sparsity;
      tiles.glyph[at] = glyphIndex(glyphOf(claim.format));
    } else {
      tiles.state[at] = rows.every((row) => row.elements === 0) ? NONE : UNMEASURED;
      tiles.glyph[at] = glyphIndex('unknown');
    }
    if (rows.some((row) => row.problem !== null)) tiles.unread[at] = 1;
    if (rows.some((row) => row.edited)) tiles.edited[at] = 1;
    const kept = (row: WeightRow) => row.protected;
    if (holds ? rows.every(kept) : rows.some(kept)) tiles.kept[at] = 1;
    const wrong = rows.filter(isFlagged);
    if (wrong.length > 0) {
      tiles.flag[at] = 1;
      tiles.tag[at] = holds ? `${plural(wrong.length, 'claim')} inside` : tagOf(wrong[0]!);
    }
  }
  return tiles;
}

/** What the weights inside an operator are claimed to be together: what is measured, and else a claim for each. */
function claimWithin(rows: readonly WeightRow[]): { sparsity: number | null; format: string | null } | null {
  if (rows.every((row) => row.declared === null)) return null;
  const claimed = rows.map((row) => {
    const share = row.sparsity ?? row.declared?.sparsity ?? null;
    return { ...row, zeros: share === null ? null : share * row.elements, format: row.format ?? row.declared?.format ?? null };
  });
  return { sparsity: together(claimed).sparsity, format: commonFormat(claimed) };
}

/** Names the claim that does not hold: the format where that is what is wrong. */
function tagOf(row: WeightRow): string {
  const claim = row.declared!;
  if (claim.invalid !== null) return 'invalid claim';
  const near = claim.sparsity === null || row.sparsity === null || Math.abs(claim.sparsity - row.sparsity) <= 0.005;
  if (claim.format !== null && near) return `declared ${claim.format}`;
  return claim.sparsity === null ? 'false claim' : `declared ${percentShort(claim.sparsity)}`;
}
