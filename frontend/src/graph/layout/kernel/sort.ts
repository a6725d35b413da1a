// A stable sort, for who cannot hand over a function to compare by.

/** Runs of so many are sorted by insertion. */
const RUN: i32 = 12;

/** Sorts list[first .. end) by the key of each entry, stable. spare: as long as `list`. */
export function sortBy(
  list: Int32Array,
  first: i32,
  end: i32,
  key: Float64Array,
  spare: Int32Array,
): void {
  for (let from = first; from < end; from += RUN) {
    const to = from + RUN < end ? from + RUN : end;
    for (let at = from + 1; at < to; at++) {
      const item = list[at];
      const own = key[item];
      let hole = at;
      for (; hole > from && key[list[hole - 1]] > own; hole--) list[hole] = list[hole - 1];
      list[hole] = item;
    }
  }
  for (let width = RUN; width < end - first; width *= 2) {
    for (let from = first; from + width < end; from += 2 * width) {
      merge(list, from, from + width, from + 2 * width < end ? from + 2 * width : end, key, spare);
    }
  }
}

/** Makes one sorted run of two neighbouring ones. */
function merge(
  list: Int32Array,
  from: i32,
  middle: i32,
  end: i32,
  key: Float64Array,
  spare: Int32Array,
): void {
  for (let at = from; at < middle; at++) spare[at] = list[at];
  let left = from;
  let right = middle;
  let to = from;
  while (left < middle && right < end) {
    if (key[list[right]] < key[spare[left]]) list[to++] = list[right++];
    else list[to++] = spare[left++];
  }
  while (left < middle) list[to++] = spare[left++];
}
