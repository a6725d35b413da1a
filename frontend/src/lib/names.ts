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

/** Names without the path parts that all of them begin or end with: what tells them apart is left. */
export function apart(names: readonly string[]): string[] {
  const split = names.map((name) => name.split('/'));
  const first = split[0];
  if (first === undefined || new Set(names).size < 2) return [...names];
  const shortest = Math.min(...split.map((parts) => parts.length));
  let head = 0;
  while (head < shortest - 1 && split.every((parts) => parts[head] === first[head])) head += 1;
  let tail = 0;
  while (tail < shortest - 1 - head && split.every((parts) => parts.at(-1 - tail) === first.at(-1 - tail))) tail += 1;
  return split.map((parts) => parts.slice(head, parts.length - tail).join('/'));
}

/**
 * A name in so many letters, shortened in its middle: the part that counts the block stays, and the end,
 * which tells the layers of one block apart: `layer.0/…/query`.
 */
export function shortName(name: string, letters: number): string {
  if (name.length <= letters) return name;
  const parts = name.split('/');
  const at = countedPart(parts);
  for (const start of at >= 0 ? [`${parts[at]}/`, `${/\d+$/.exec(parts[at]!)![0]}/`] : [`${parts[0]}/`, '']) {
    const rest = parts.slice(Math.max(at, 0) + 1);
    for (let keep = rest.length; keep >= 1; keep -= 1) {
      const end = rest.slice(-keep).join('/');
      const short = `${start}${keep < rest.length ? '…/' : ''}${end}`;
      if (short.length > letters || (start === '' && keep === rest.length)) continue;
      // What room is left tells how the part left out begins: two ends may be the same.
      const room = letters - short.length;
      return keep < rest.length && room >= 3 ? `${start}${rest[0]!.slice(0, room)}…/${end}` : short;
    }
  }
  const head = Math.floor((letters - 1) * 0.4);
  return `${name.slice(0, head)}…${name.slice(name.length - (letters - 1 - head))}`;
}

/** A graph by its own step: "else_branch of If_83", after the operator that holds it. */
export function graphStep({ path, name, holder }: { path: string; name: string; holder: string }): string {
  const step = /#\d+\.([^#]*)$/.exec(path);
  if (step) return `${step[1]} of ${holder}`;
  return path === 'main' ? name || 'main graph' : path;
}
