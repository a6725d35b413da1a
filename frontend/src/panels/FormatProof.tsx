// How near the zeros are to each structure: a bar, a share, and what breaks it.
import { glyphOf } from '../lib/glyphs';
import { countShort, percent } from '../lib/numbers';
import { formatToShow } from '../state/picture';
import { Glyph } from '../ui/icon';
import { Meter } from '../ui/text';
import type { WeightRow } from '../api/schema';
import { GroupsLink } from './ShowGroups';

/** Structures told in any case, where they apply: the ones that runtimes know. */
const USUAL = ['2:4', '1:4', 'bsr:4x4', 'channel:out', 'channel:in'];

/** What is claimed, the strongest of each kind that holds, then the usual ones. */
export function proofRows(row: WeightRow): string[] {
  const claimed = row.declared?.format?.toLowerCase() ?? '';
  const strong = [row.format ?? '', strongest(row, /^channel/), strongest(row, /^bsr/), strongest(row, /^\d+:\d+$/)];
  const usual = USUAL.filter((name) => name in row.coverage);
  const told = [claimed, ...strong, ...usual].filter((name) => name in row.coverage || row.satisfies.includes(name));
  return [...new Set(told)].slice(0, 7);
}

/** Of the structures of one kind that hold, the one that leaves the fewest weights free. */
function strongest(row: WeightRow, kind: RegExp): string {
  const all = row.satisfies.filter((name) => kind.test(name));
  const left = (name: string) => {
    const [n, m] = name.split(':').map(Number);
    return n! / m!;
  };
  return kind.source.includes(':') ? all.toSorted((a, b) => left(a) - left(b))[0] ?? '' : all[0] ?? '';
}

export function FormatProof({ row }: { row: WeightRow }) {
  const names = proofRows(row);
  // Without zeros there is nothing to prove, unless something is claimed.
  if (names.length === 0 || (row.zeros === 0 && !row.declared?.format)) return null;
  return (
    <div class="sec">
      <h3>Format proof <span class="aside">format: {row.format}</span></h3>
      <table class="facts proof">
        <tbody>{names.map((name) => <ProofRow key={name} name={name} row={row} />)}</tbody>
      </table>
    </div>
  );
}

function ProofRow({ name, row }: { name: string; row: WeightRow }) {
  const satisfied = row.satisfies.includes(name);
  const share = row.coverage[name] ?? (satisfied ? 1 : 0);
  const groups = row.violations[name];
  const claimed = row.declared?.format?.toLowerCase() === name;
  const structured = groups !== undefined || /^\d+:\d+$/.test(name);
  return (
    <tr>
      <td><span class="format"><Glyph name={glyphOf(name)} />{name}{structured ? ' along in' : ''}</span></td>
      <td><Meter share={share} tone={satisfied ? 'ok' : claimed ? 'accent' : ''} /></td>
      <td class="num strong">{percent(share)}</td>
      <td class={satisfied ? 'ok' : claimed ? 'alert' : 'muted'}>
        {satisfied ? 'holds'
          : groups !== undefined ? <GroupsLink format={name} text={`${countShort(groups)} group${groups === 1 ? ' violates' : 's violate'}`} />
            : formatToShow(row, name) ? <GroupsLink format={name} text={remark(name)} /> : remark(name)}
      </td>
    </tr>
  );
}

function remark(name: string): string {
  return name.startsWith('bsr') ? 'of zeros in blocks' : 'of zeros in channels';
}
