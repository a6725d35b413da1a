// Pairs of blocks that were found many times, each once.

/** Work space for pairs; what it holds is good until the next time. */
export class Merger {
  one: Int32Array;
  other: Int32Array;
  value: Float64Array;
  size: i32 = 0;
  private start: Int32Array;
  private list: Int32Array;
  private met: Int32Array;

  /** most: number of pairs that are handed over at most; blocks: of blocks. */
  constructor(most: i32, blocks: i32) {
    this.one = new Int32Array(most);
    this.other = new Int32Array(most);
    this.value = new Float64Array(most);
    this.list = new Int32Array(most);
    this.start = new Int32Array(blocks + 2);
    this.met = new Int32Array(blocks);
  }

  /** Of the pairs a[k], b[k] for k < size, and of several values the sum, or the largest. */
  merge(count: i32, size: i32, a: Int32Array, b: Int32Array, values: Float64Array, add: bool): void {
    const start = this.start;
    const list = this.list;
    const met = this.met;
    const other = this.other;
    const value = this.value;
    for (let block = 0; block <= count + 1; block++) start[block] = 0;
    for (let block = 0; block < count; block++) met[block] = -1;
    // One further up, so that filling moves each start to where it belongs.
    for (let k = 0; k < size; k++) start[a[k] + 2]++;
    for (let block = 2; block <= count + 1; block++) start[block] += start[block - 1];
    for (let k = 0; k < size; k++) list[start[a[k] + 1]++] = k;
    let filled: i32 = 0;
    for (let block = 0; block < count; block++) {
      const first = filled;
      for (let k = start[block]; k < start[block + 1]; k++) {
        const to = b[list[k]];
        const own = values[list[k]];
        const at = met[to];
        if (at < first) {
          met[to] = filled;
          this.one[filled] = block;
          other[filled] = to;
          value[filled++] = own;
        } else if (add) value[at] += own;
        else if (own > value[at]) value[at] = own;
      }
    }
    this.size = filled;
  }
}
