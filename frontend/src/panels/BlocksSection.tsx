// How many blocks of each size hold a non-zero: what a block format would have to store.
import { percent } from '../lib/numbers';
import { Meter } from '../ui/text';
import type { WeightRow } from '../api/schema';

export interface BlockDensity {
  /** "4×4", out by in. */
  readonly name: string;
  readonly blocks: number;
  readonly live: number;
}

/** From the share of the zeros that lie in all-zero blocks; exact, as both are whole numbers. */
export function blockDensities(row: WeightRow): BlockDensity[] {
  if (row.zeros === null) return [];
  return Object.entries(row.coverage).flatMap(([name, share]) => {
    const found = /^bsr:(\d+)x(\d+)$/.exec(name);
    if (!found) return [];
    const size = Number(found[1]) * Number(found[2]);
    const blocks = row.elements / size;
    return [{ name: `${found[1]}×${found[2]}`, blocks, live: blocks - Math.round((share * row.zeros!) / size) }];
  });
}

export function BlocksSection({ row }: { row: WeightRow }) {
  const all = blockDensities(row);
  // Where every block of every size is in use there is nothing to tell.
  if (all.every((one) => one.live === one.blocks)) return null;
  return (
    <div class="sec">
      <h3>Blocks <span class="aside">share that hold a non-zero, out × in</span></h3>
      <div class="blocks">
        {all.map((one) => (
          <div class="block-row" key={one.name}>
            <span>{one.name}</span><Meter share={one.live / one.blocks} /><span class="num">{percent(one.live / one.blocks, 1)}</span>
          </div>
        ))}
      </div>
    </div>
  );
}
