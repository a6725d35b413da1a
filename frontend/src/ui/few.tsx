// The first of many rows, and a line that brings the others: a list in a panel has no scroll bar of its own.
import type { ComponentChild } from 'preact';
import { useState } from 'preact/hooks';
import { plural } from '../lib/numbers';

/** Two rows more are shown at once rather than behind a line that takes the room of one. */
const SPARE = 2;

/** `few`: how many are shown at first; `of`: what they are, in the singular. */
export function Few({ rows, few, of }: { rows: readonly ComponentChild[]; few: number; of: string }) {
  const [all, setAll] = useState(false);
  if (rows.length <= few + SPARE) return <>{rows}</>;
  return (
    <>
      {all ? rows : rows.slice(0, few)}
      <button type="button" class="link few" aria-expanded={all} onClick={() => setAll(!all)}>
        {all ? `Show the first ${few} only` : `Show all ${plural(rows.length, of)}`}
      </button>
    </>
  );
}
