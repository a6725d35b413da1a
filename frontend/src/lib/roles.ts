// What a layer is for, whichever block it stands in: its name without the numbers of the blocks.

/**
 * "encoder/layer.0/self/query" and "encoder/layer.5/self/query" are both "encoder/layer.#/self/query".
 * The last part keeps a number that is its own ("conv1" and "conv2" of a block are two roles), but a
 * name of one part has nothing else to tell blocks by.
 */
export function roleOf(layer: string): string {
  const counted = layer.replace(/(^|[./#_])\d+(?=$|[./#_:])/g, '$1#');
  if (/[/.]/.test(layer)) return counted.replace(/([a-z])\d+(?=[/.])/gi, '$1#');
  return counted.replace(/\d+$/, '#');
}
