// One weight looked at closely, as the server would tell of it: facts for tests.
import type { Histogram, MaskFacts, Profile, Violations } from './schema';

/** A 3x3 Conv of 4 x 5: nine panels in three rows, every weight its own pixel. */
export function sampleMask(change: Partial<MaskFacts> = {}): MaskFacts {
  return {
    height: 12, width: 15, stack: 1, out: 4, kernel: 9, in: 5, kernel_rows: 3, kernel_columns: 3, tile: 256, largest: 2,
    pool_rows: 1, pool_columns: 1, density: btoa('\u00ff'.repeat(180)), magnitude: btoa('\u0080'.repeat(180)), ...change,
  };
}

/** Values between -1.5 and 3 in bins of 0.5. */
export function sampleHistogram(change: Partial<Histogram> = {}): Histogram {
  return {
    zeros: 50, nonzeros: 24, nan: 0, inf: 0, min: -1.4, max: 3, mean: 0.3, std: 0.8, width: 0.5, start: -3, counts: [1, 4, 9, 4, 0, 1, 4, 0, 0, 1],
    integer: false, ...change,
  };
}

export function sampleProfile(change: Partial<Profile> = {}): Profile {
  return { channels: 4, stack: 1, per_bin: 1, mean: [0.1, 0, 0.2, 0], low: [0.1, 0, 0.2, 0], high: [0.1, 0, 0.2, 0], dead_count: 2, dead: [1, 3], ...change };
}

export function sampleViolations(change: Partial<Violations> = {}): Violations {
  return {
    format: '2:4', most: 2, size: 4, groups: 100, violating: 2,
    first: [
      { stack: 0, out: 1, kernel: 0, in: 0, row: 1, column: 0, nonzeros: 3, height: 1, width: 4 },
      { stack: 0, out: 2, kernel: 8, in: 0, row: 10, column: 10, nonzeros: 4, height: 1, width: 4 },
    ],
    ...change,
  };
}
