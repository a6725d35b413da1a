// The same layers in other formats, exactly counted; a click switches the form.
import { learnCatalogue, catalogue } from '../state/storage';
import { useEffect } from 'preact/hooks';
import { glyphOf } from '../lib/glyphs';
import { bytes, percent, plural } from '../lib/numbers';
import { compared, comparing } from '../state/compare';
import { form, methods } from '../state/prune';
import { Glyph } from '../ui/icon';
import { Meter } from '../ui/text';
import { Tile } from '../ui/tile';
import type { CompareRow } from '../api/schema';
import { takeFormat } from './PruneForm';

export function CompareTable() {
  useEffect(() => void learnCatalogue(), []);
  const list = compared.value;
  // Where nothing can be done in any format, the preview says why.
  if (list === null || list.every((row) => row.why !== null)) return null;
  return (
    <div class="sec">
      <h3>Same layers, other formats <span class="aside">{comparing.value ? 'counting…' : 'click to switch'}</span></h3>
      <table class={`compare${comparing.value ? ' stale' : ''}`}>
        <thead><tr><th /><th class="num">zeros</th><th class="num" colSpan={2}>squares kept</th><th class="num">smallest storage</th></tr></thead>
        <tbody>{list.map((row) => <Row key={row.format} row={row} />)}</tbody>
      </table>
    </div>
  );
}

function Row({ row }: { row: CompareRow }) {
  const on = row.format === form.value.format;
  const format = methods.value?.formats.find((one) => one.name === row.format);
  const storage = catalogue.value?.storages.find((one) => one.name === row.storage)?.label ?? row.storage;
  const why = [row.skipped > 0 ? `does not fit ${plural(row.skipped, 'layer')}` : '', storage ? `as ${storage}` : ''].filter((part) => part !== '').join('; ');
  const name = (
    <button type="button" class="compare-name" disabled={!format} aria-pressed={on} onClick={() => format && takeFormat(format)}>
      <Glyph name={glyphOf(row.format)} />{row.format}{row.skipped > 0 && <span class="warn" title={why}>−{row.skipped}</span>}
    </button>
  );
  if (row.why !== null) {
    return <tr class={on ? 'sel' : ''}><td>{name}</td><td colSpan={4} class="muted"><span class="compare-why" title={row.why}>{row.why.replace(/^Nothing was pruned: /, '')}</span></td></tr>;
  }
  return (
    <tr class={on ? 'sel' : ''} title={why} onClick={() => format && takeFormat(format)}>
      <td>{name}</td>
      <td class="num"><Tile sparsity={row.sparsity} format={row.format} /></td>
      <td class={`num${on ? ' strong' : ''}`}>{percent(row.kept_energy, 1)}</td>
      <td class="gauge"><Meter share={row.kept_energy} tone={on ? 'accent' : ''} /></td>
      <td class="num">{row.bytes === null ? '–' : bytes(row.bytes)}</td>
    </tr>
  );
}

