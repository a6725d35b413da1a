// How near the zeros are to each structure: a bar, a share, and what breaks it.
import { glyphOf } from '../lib/glyphs';
import { percent, plural } from '../lib/numbers';
import { Glyph } from '../ui/icon';
import { Meter } from '../ui/text';
import type { WeightRow } from '../api/types';

/** Structures told first, where they apply: the ones that runtimes know. */
const USUAL = ['2:4', '1:4', 'bsr:4x4', 'channel:out', 'channel:in'];

/** The rows to show: what is claimed or satisfied, then the usual ones, the near ones first. */
export function proofRows(row: WeightRow): string[] {
  const claimed = row.declared?.format?.toLowerCase() ?? '';
  const satisfied = row.satisfies.filter((name) => name !== claimed).slice(0, 4);
  const usual = USUAL.filter((name) => name in row.coverage);
  const names = [...(claimed in row.coverage || row.satisfies.includes(claimed) ? [claimed] : []), ...satisfied, ...usual];
  return [...new Set(names)].slice(0, 7);
}

export function FormatProof({ row }: { row: WeightRow }) {
  const names = proofRows(row);
  if (names.length === 0) return null;
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
        {satisfied ? 'holds' : groups !== undefined ? `${plural(groups, 'group')} violate${groups === 1 ? 's' : ''}` : remark(name)}
      </td>
    </tr>
  );
}

function remark(name: string): string {
  return name.startsWith('bsr') ? 'of zeros in blocks' : 'of zeros in channels';
}
