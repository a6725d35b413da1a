// Blocks of vertices as they stand, and what of a layered graph it takes to place and to cut them.
import { Fan } from './net';

/** A layered graph in its order. */
export class Drawing {
  vertices: i32;
  /** Place of each vertex in its rank. */
  at: Int32Array;

  constructor(
    /** Vertices from this one on are bends. */
    public nodes: i32,
    /** Of each node, px. */
    public width: Float64Array,
    /** Between two nodes of a rank; between a node and a bend; between two bends. */
    private nodeGap: f64,
    private laneGap: f64,
    private lanesGap: f64,
    public rank: Int32Array,
    /** The vertices, rank after rank, and where each rank begins. */
    public row: Int32Array,
    public rowStart: Int32Array,
    public upper: Int32Array,
    public lower: Int32Array,
    /** Which tensor a segment carries. */
    public net: Int32Array,
    /** Segments by their upper vertex, and the one that leads into each bend. */
    public below: Fan,
    public into: Int32Array,
  ) {
    const at = new Int32Array(row.length);
    for (let k = 0; k < row.length; k++) at[row[k]] = k - rowStart[rank[row[k]]];
    this.vertices = row.length;
    this.at = at;
  }

  half(vertex: i32): f64 {
    return vertex < this.nodes ? this.width[vertex] / 2 : 0;
  }

  /** How far apart two neighbours in a rank stand at least, middle to middle. */
  apart(a: i32, b: i32): f64 {
    const gap = a < this.nodes ? (b < this.nodes ? this.nodeGap : this.laneGap) : b < this.nodes ? this.laneGap : this.lanesGap;
    return Math.ceil(this.half(a) + gap + this.half(b));
  }

  /** The vertex below (`down`) or above each one in its block, or -1. */
  follow(blockOf: Int32Array, down: bool): Int32Array {
    const next = new Int32Array(this.vertices).fill(-1);
    for (let segment = 0; segment < this.upper.length; segment++) {
      const a = this.upper[segment];
      const b = this.lower[segment];
      if (blockOf[a] !== blockOf[b]) continue;
      if (down) next[a] = b;
      else next[b] = a;
    }
    return next;
  }
}

export class Standing {
  /** Middle of each vertex, and of the block that the others close up to. */
  middle: Float64Array;
  centre: f64 = 0;
  left: f64 = 0;
  extent: f64 = 0;
  /** Number of steps aside in long edges. */
  jogs: i32 = 0;

  constructor(
    /** Block of each vertex: those of one stand at the same x. */
    public blockOf: Int32Array,
    public count: i32,
    /** 1 for vertices where a block was cut, just above. */
    public begins: Uint8Array,
    /** Vertices of pieces that stand too far out, and the node that each wants to be near. */
    public inward: Int32Array,
    public home: Int32Array,
    /** Where the vertices stood before; empty where nothing is known. */
    from: Float64Array,
  ) {
    this.middle = from;
  }

  /** The same with a block's rest as one of its own from each of `list[0 .. size)` down. */
  cut(drawing: Drawing, list: Int32Array, size: i32): Standing {
    const begins = this.begins.slice();
    const here = new Uint8Array(begins.length);
    for (let k = 0; k < size; k++) {
      begins[list[k]] = 1;
      here[list[k]] = 1;
    }
    const blockOf = new Int32Array(begins.length);
    const name = new Int32Array(this.count).fill(-1);
    let count: i32 = 0;
    for (let k = 0; k < drawing.row.length; k++) {
      const vertex = drawing.row[k];
      const block = this.blockOf[vertex];
      if (name[block] < 0 || here[vertex] === 1) name[block] = count++;
      blockOf[vertex] = name[block];
    }
    return new Standing(blockOf, count, begins, this.inward, this.home, this.middle);
  }
}
