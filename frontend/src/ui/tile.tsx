// A share of zeros as a coloured tile: dense is hollow, not measured is dashed, a claim alone is striped.
import { glyphOf } from '../lib/glyphs';
import { percentShort } from '../lib/numbers';
import { Glyph } from './icon';
import { scaleColours } from './scale';

export interface TileProps {
  sparsity: number | null;
  format: string | null;
  /** the share that the file claims, while nothing is measured */
  claim?: number | null;
  /** why the weight cannot be read: it will never be measured */
  problem?: string | null;
  glyph?: boolean;
  big?: boolean;
  /** how the share was estimated; null: it was counted */
  estimated?: string | null;
}

export function Tile({ sparsity, format, claim = null, problem = null, glyph = false, big = false, estimated = null }: TileProps) {
  const size = big ? ' tile-big' : '';
  if (sparsity === null) {
    if (problem !== null) return <span class={`tile tile-unmeasured${size}`} title={problem}>–</span>;
    if (claim === null) return <span class={`tile tile-unmeasured${size}`} title="not measured yet">…</span>;
    const stripe = { '--stripe': scaleColours(claim).background };
    return <span class={`tile tile-claim${size}`} style={stripe} title="declared, not measured yet"><b>{percentShort(claim)}</b></span>;
  }
  const dense = sparsity === 0;
  return (
    <span class={`tile${dense ? ' tile-dense' : ''}${size}`} style={dense ? undefined : scaleColours(sparsity)} title={estimated ?? undefined}>
      {(glyph || dense) && <Glyph name={glyphOf(format ?? 'dense')} />}
      {estimated !== null && '≈ '}{percentShort(sparsity)}
    </span>
  );
}

/** A small square in the colour of the share: beside totals. */
export function Swatch({ sparsity, format, glyph = false }: { sparsity: number | null; format: string | null; glyph?: boolean }) {
  const kind = sparsity === null ? ' tile-unmeasured' : sparsity === 0 ? ' tile-dense' : '';
  return (
    <span class={`swatch${glyph ? ' swatch-big' : ''}${kind}`} style={kind === '' ? scaleColours(sparsity!) : undefined} aria-hidden="true">
      {glyph && <Glyph name={glyphOf(format)} />}
    </span>
  );
}
