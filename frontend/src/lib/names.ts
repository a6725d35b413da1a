// Which part of a path-like name tells it from its neighbours.

/**
 * Position of the part that counts, as `layers.11` in `model/layers.11/mlp/down_proj`; -1 without one.
 * A name shortened without it would be the same in every block. The last part is always shown anyway.
 */
export function countedPart(parts: readonly string[]): number {
  for (let at = parts.length - 2; at >= 0; at -= 1) {
    if (/[._]\d+$|^\d+$/.test(parts[at]!)) return at;
  }
  return -1;
}

/** A name in three: what may go first, what must stay, and its end. */
export function splitName(name: string): { head: string; key: string; tail: string } {
  const parts = name.split('/');
  const at = countedPart(parts);
  if (at >= 0 && parts[at]!.length <= 24) {
    const head = parts.slice(0, at).join('/');
    return { head: at > 0 ? `${head}/` : '', key: `${parts[at]}/`, tail: parts.slice(at + 1).join('/') };
  }
  const cut = endOf(name);
  return { head: name.slice(0, cut), key: name.slice(cut), tail: '' };
}

const END = 26;

/** Where the end that must stay begins, at a part's beginning where there is one. */
function endOf(name: string): number {
  if (name.length <= END) return 0;
  const from = name.length - END;
  const slash = name.indexOf('/', from);
  return slash >= 0 && slash < name.length - 4 ? slash : from;
}
