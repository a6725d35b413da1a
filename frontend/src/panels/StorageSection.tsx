// What a weight would take in each storage format, of its dense bytes; the smallest is marked.
import { useEffect } from 'preact/hooks';
import { count } from '../lib/numbers';
import { askGzip, catalogue, compressAll, learnCatalogue, packed, packing, storedIn, type Stored } from '../state/storage';
import type { WeightRow } from '../api/schema';
import { Glyph } from '../ui/icon';
import { Meter } from '../ui/text';

export function StorageSection({ row }: { row: WeightRow }) {
  useEffect(() => void learnCatalogue(), []);
  useEffect(() => {
    const stop = new AbortController();
    void askGzip(row, stop.signal);
    return () => stop.abort();
  }, [row]);
  const found = packed.value?.row.id === row.id ? packed.value : null;
  const all = storedIn(row, found?.row === row ? found.found : null, catalogue.value);
  if (all.length === 0 || row.elements === 0) return null;
  return (
    <div class="sec storage">
      <h3>Bytes by storage format <span class="aside">of dense</span></h3>
      <table class="facts">
        <tbody>{all.map((one) => <StorageRow key={one.name} stored={one} />)}</tbody>
      </table>
      {all.some((one) => one.estimated) && <Estimated row={row} />}
    </div>
  );
}

function StorageRow({ stored }: { stored: Stored }) {
  return (
    <tr class={stored.smallest ? 'smallest' : ''}>
      <td><span class="format"><Glyph name={stored.glyph} />{stored.label}{stored.smallest && <span class="ok"> smallest</span>}</span></td>
      <td class="num">{stored.estimated ? '≈ ' : ''}{count(stored.bytes)}</td>
      <td class="num share">{ofDense(stored.share)}</td>
      <td class="gauge"><Meter share={stored.share} tone={stored.smallest ? 'ok' : ''} /></td>
    </tr>
  );
}

function Estimated({ row }: { row: WeightRow }) {
  return (
    <p class="estimate muted">
      <span>≈ from a sample of blocks</span>
      <button type="button" class="btn small" disabled={packing.value !== null} onClick={() => void compressAll(row)}>
        {packing.value === row.id ? 'Compressing…' : 'Compress all of it'}
      </button>
    </p>
  );
}

/** One decimal, beyond 100 too; never a false 0. */
export function ofDense(share: number): string {
  if (share > 0 && share < 0.0005) return '<\u00a00.1\u00a0%';
  return `${(share * 100).toFixed(1)}\u00a0%`;
}
