// A tensor's shape in less room: names of dimensions are cut, figures never.
import { labelWidth } from './sizes';

const TIMES = '×';
const DOTS = '…';
/** A name shorter than this, with its dots, tells nothing. */
const LEAST_LETTERS = 3;
/** No label is so wide that more letters of one name would show. */
const MOST_LETTERS = 40;

/**
 * `batch_size×sequence_length×384` as `batch…×seque…×384`; null where its figures alone are wider
 * than `room`, px at 12 px.
 */
export function shapeWithin(text: string, room: number): string | null {
  if (labelWidth(text) <= room) return text;
  const parts = text.split(TIMES).map((part) => Array.from(part));
  const named = parts.map((part) => part.length > LEAST_LETTERS && !/^\d+$/.test(part.join('')));
  const letters = parts.map((part, at) => (named[at] ? Math.min(part.length, MOST_LETTERS) : part.length));
  const shown = (): string =>
    parts.map((part, at) => part.slice(0, letters[at]).join('') + (letters[at] < part.length ? DOTS : '')).join(TIMES);
  for (;;) {
    const short = shown();
    if (labelWidth(short) <= room) return short;
    let longest = -1;
    for (const [at, is] of named.entries()) {
      if (is && letters[at] > LEAST_LETTERS && (longest < 0 || letters[at] > letters[longest])) longest = at;
    }
    if (longest < 0) return null;
    letters[longest]--;
  }
}
