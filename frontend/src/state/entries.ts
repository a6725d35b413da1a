// Where an entry of a weight lies in its image, and how that place is called.
import type { MaskFacts, WeightRow } from '../api/schema';

export interface Entry {
  readonly stack: number;
  readonly out: number;
  readonly kernel: number;
  readonly in: number;
}

/** The entry at a row and column of the image; null outside. */
export function entryAt(mask: MaskFacts, row: number, column: number): Entry | null {
  if (row < 0 || column < 0 || row >= mask.height || column >= mask.width) return null;
  const panel = Math.floor(row / mask.out);
  return {
    stack: Math.floor(panel / mask.kernel_rows),
    out: row % mask.out,
    kernel: (panel % mask.kernel_rows) * mask.kernel_columns + Math.floor(column / mask.in),
    in: column % mask.in,
  };
}

/** "gate f · out 12 · kernel 0,2 · in 345"; what there is only one of is left out. */
export function placeText(row: WeightRow, mask: MaskFacts, entry: Entry): string {
  const parts: string[] = [];
  if (mask.stack > 1) parts.push(stackName(row, mask.stack, entry.stack));
  if (mask.out > 1) parts.push(`out ${entry.out}`);
  if (mask.kernel > 1) parts.push(`kernel ${kernelText(row, entry.kernel)}`);
  if (mask.in > 1) parts.push(`in ${entry.in}`);
  return parts.join(' · ');
}

/** A kernel position by the kernel's own dims: "0,2". */
export function kernelText(row: WeightRow, kernel: number): string {
  const sizes = row.axes.kernel.map((dim) => row.shape[dim] ?? 1).filter((size) => size > 1);
  const at: number[] = [];
  let rest = kernel;
  for (const size of sizes.toReversed()) {
    at.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return at.length === 0 ? String(kernel) : at.join(',');
}

/** Gates in the order in which ONNX stores them. */
const GATES: Record<string, string> = { LSTM: 'iofc', GRU: 'zrh', RNN: 'i', DynamicQuantizeLSTM: 'iofc' };

/** What a stacked part is: a gate, a group, a batch. */
export function stackName(row: WeightRow, stack: number, at: number): string {
  const gates = GATES[row.op];
  if (gates && stack % gates.length === 0) {
    const directions = stack / gates.length;
    const gate = `gate ${gates[at % gates.length]}`;
    return directions > 1 ? `${Math.floor(at / gates.length) === 0 ? 'forward' : 'backward'} ${gate}` : gate;
  }
  if (/Conv/.test(row.op)) return `group ${at}`;
  return /MatMul/.test(row.op) ? `batch ${at}` : `part ${at}`;
}

/** A channel of a profile, which counts through the stacked parts. */
export function channelName(row: WeightRow, stack: number, perPart: number, at: number): string {
  // With one channel a part (depthwise) the part says it all.
  if (stack === 1 || perPart === 1) return String(at);
  return `${stackName(row, stack, Math.floor(at / perPart)).replace(/^(gate|group|batch|part) /, '')}:${at % perPart}`;
}

/** The names of all stacked parts; none where there is one only, or too many to tell apart. */
export function partNames(row: WeightRow, mask: MaskFacts): string[] {
  if (mask.stack < 2 || mask.stack > 1024) return [];
  return Array.from({ length: mask.stack }, (_, at) => stackName(row, mask.stack, at));
}
