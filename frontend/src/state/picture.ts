// The weight in the panel looked at closely: histogram, channels, mask, and the groups to be shown.
import { batch, computed, effect, signal } from '@preact/signals';
import { ApiError } from '../api/client';
import { weightApi } from '../api/weight';
import { plural } from '../lib/numbers';
import type { Histogram, MaskFacts, Problem, Profiles, Violations, WeightRow } from '../api/schema';
import { chosenWeight } from './node';
import { current, selected } from './selection';
import { dialog, side } from './view';
import { rowsOfNode } from './weights';

export interface Picture {
  readonly row: WeightRow;
  readonly mask: MaskFacts | null;
  readonly histogram: Histogram | null;
  readonly profiles: Profiles | null;
  readonly problem: Problem | null;
}

/** What is known of the weight in the panel; null where none is shown. */
export const picture = signal<Picture | null>(null);

/** Groups that break a format, to be circled; null where there is nothing to prove wrong. */
export const violations = signal<Violations | null>(null);

/** A format whose groups the user wants to see; null: the claimed one. */
export const askedFormat = signal<string | null>(null);

/** The group that the large view goes to, by its place in `violations.first`. */
export const shownGroup = signal(0);

/** CSS px along a side of the overview: common layer sizes divide into it well. */
export const OVERVIEW = 192;

const LISTED = 500;

/** The row that the panel tells about, as in NodePanel. */
const shownRow = computed(() => {
  const node = current.value;
  if (side.value !== 'node' || node === null || selected.value.size > 1) return null;
  const rows = rowsOfNode.value.get(node) ?? [];
  return rows.find((one) => one.id === chosenWeight.value) ?? rows[0] ?? null;
});

/** The structure whose broken groups are worth circling: the asked one, else a claim that does not hold. */
export function formatToShow(row: WeightRow, asked: string | null): string | null {
  const name = asked ?? row.declared?.format?.toLowerCase() ?? '';
  if (!/^(\d+:\d+|bsr:\d+x\d+|channel:(in|out))$/.test(name) || !row.measured || row.satisfies.includes(name)) return null;
  // Without a coverage the structure does not apply to the shape: there are no blocks to look at.
  if (!/^\d/.test(name) && (row.zeros === 0 || !(name in row.coverage))) return null;
  return row.violations[name] === 0 ? null : name;
}

/** "12 groups over 2:4", "3 blocks zero in part (bsr:4x4)". */
export function brokenText(found: Violations): string {
  const unit = found.format.startsWith('bsr') ? 'block' : 'channel';
  return /^\d/.test(found.format) ? `${plural(found.violating, 'group')} over ${found.format}` : `${plural(found.violating, unit)} zero in part (${found.format})`;
}

/** Fetches whenever the panel tells of another weight, or of the same one with other values. */
export function watchPicture(): () => void {
  let stop = new AbortController();
  let last: WeightRow | null = null;
  const stops = [
    effect(() => {
      const row = shownRow.value;
      const known = row !== null && row.measured && row.problem === null ? row : null;
      if (known === last) return;
      const same = known !== null && last !== null && known.id === last.id && known.tensor === last.tensor;
      last = known;
      stop.abort();
      stop = new AbortController();
      batch(() => {
        if (!same) {
          askedFormat.value = null;
          picture.value = known && { row: known, mask: null, histogram: null, profiles: null, problem: null };
        }
        violations.value = null;
        shownGroup.value = 0;
      });
      if (known !== null) void look(known, stop.signal);
    }),
    effect(() => {
      const row = shownRow.value;
      const name = row === null ? null : formatToShow(row, askedFormat.value);
      if (row === null || name === null) {
        violations.value = null;
        return undefined;
      }
      const own = new AbortController();
      void told(weightApi.violations(row.id, name, LISTED, own.signal), own.signal, (found) => {
        violations.value = found;
      });
      return () => own.abort();
    }),
  ];
  return () => {
    stop.abort();
    for (const end of stops) end();
  };
}

/** Opens the large view at the first group that breaks `format`. */
export function showGroups(format: string): void {
  batch(() => {
    askedFormat.value = format;
    shownGroup.value = 0;
    dialog.value = { kind: 'mask' };
  });
}

async function look(row: WeightRow, stop: AbortSignal): Promise<void> {
  const take = (part: Partial<Picture>) => {
    const now = picture.peek();
    picture.value = { row, mask: null, histogram: null, profiles: null, problem: null, ...now, ...part };
  };
  const ratio = typeof devicePixelRatio === 'number' ? devicePixelRatio : 1;
  await Promise.all([
    told(weightApi.mask(row.id, Math.floor(OVERVIEW * ratio), stop), stop, (mask) => take({ row, mask }), (problem) => take({ problem })),
    told(weightApi.histogram(row.id, stop), stop, (histogram) => take({ row, histogram })),
    told(weightApi.profiles(row.id, stop), stop, (profiles) => take({ row, profiles })),
  ]);
}

async function told<T>(asked: Promise<T>, stop: AbortSignal, take: (found: T) => void, fail: (problem: Problem) => void = () => {}): Promise<void> {
  try {
    const found = await asked;
    if (!stop.aborted) take(found);
  } catch (error) {
    if (stop.aborted) return;
    if (!(error instanceof ApiError)) throw error;
    // Somebody looks at another weight: that one's answer is on its way.
    if (error.code !== 'cancelled') fail(error.problem);
  }
}
