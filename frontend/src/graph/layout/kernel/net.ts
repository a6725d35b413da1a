// A layered graph as the kernel reads it: `Proper`, as far as the order within ranks needs it.

/** Segments by their vertex on one side: those of `v` are list[start[v] .. start[v + 1]). */
export class Fan {
  constructor(
    public start: Int32Array,
    public list: Int32Array,
  ) {}
}

export class Net {
  constructor(
    /** Vertices from this one on are bends. */
    public nodes: i32,
    public vertices: i32,
    /** A node with more inputs has them bundled: they have no order. */
    public bundle: i32,
    public rank: Int32Array,
    public upper: Int32Array,
    public lower: Int32Array,
    /** Number of edges that a segment carries. */
    public load: Float64Array,
    /** Which input of its lower node a segment is. */
    public port: Int32Array,
    /** By the lower, and by the upper vertex. */
    public above: Fan,
    public below: Fan,
  ) {}
}

/** Groups the positions 0..keys.length by their key (0..count), each group in rising order. */
export function groupBy(count: i32, keys: Int32Array): Fan {
  const start = new Int32Array(count + 1);
  for (let at = 0; at < keys.length; at++) start[keys[at] + 1]++;
  for (let key = 0; key < count; key++) start[key + 1] += start[key];
  const next = start.slice(0, count);
  const list = new Int32Array(keys.length);
  for (let at = 0; at < keys.length; at++) list[next[keys[at]]++] = at;
  return new Fan(start, list);
}
