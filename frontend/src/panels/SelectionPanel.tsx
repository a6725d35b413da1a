// The side panel while several operators are selected: what they are together, and what can be done.
import { run } from '../commands/list';
import { goTo } from '../commands/go';
import { count, percent, plural } from '../lib/numbers';
import { IconButton } from '../ui/controls';
import { Icon } from '../ui/icon';
import { Middle } from '../ui/text';
import { Swatch, Tile } from '../ui/tile';
import { selected, selectedRows } from '../state/selection';
import { together } from '../state/weights';
import { layersInside } from '../state/within';
import { side } from '../state/view';
import { isProtected } from '../api/prune';
import type { WeightRow } from '../api/schema';
import { SelectInside } from './InsideSection';
import { Locked } from './Locked';

const SHOWN = 200;

export function SelectionPanel() {
  const rows = selectedRows.value;
  const sum = together(rows);
  const held = layersInside().length;
  return (
    <aside class="panel" aria-label="Selection">
      <header class="panel-head">
        <div class="panel-title">
          <Icon name="similar" />
          <b class="grow">{plural(selected.value.size, 'operator')} selected</b>
          <IconButton label="Close" hotkey="Esc" onClick={() => { side.value = 'none'; }}><Icon name="close" /></IconButton>
        </div>
        <div class="panel-sub" style={{ marginLeft: '24px' }}>
          {rows.length > 0 ? `${kindsOf(rows)}; ${count(sum.elements)} weights`
            : held > 0 ? <>{plural(held, 'layer')} inside: <SelectInside layers={held} /></>
              : 'none of them has weights'}
        </div>
      </header>
      <div class="panel-scroll">
        {rows.length > 0 && (
          <div class="sec">
            <div class="hero">
              <Swatch sparsity={sum.sparsity} format={null} />
              <span class="hero-number">{sum.sparsity === null ? '…' : percent(sum.sparsity)}</span>
              <span class="hero-side">of {count(sum.elements)} weights together are zero</span>
            </div>
            <div class="row" style={{ marginTop: '8px' }}>
              <button type="button" class="btn" onClick={() => run('prune.form')}>Prune…</button>
              <button type="button" class="btn" onClick={() => run('prune.to-2:4')}>Prune to 2:4</button>
              <button type="button" class="btn" onClick={() => run('edit.table')}>Show in table</button>
            </div>
          </div>
        )}
        <div class="sec">
          <h3>Weights <span class="aside">{rows.length > SHOWN ? `the first ${SHOWN}` : ''}</span></h3>
          {rows.slice(0, SHOWN).map((row) => (
            <div class="row picked" key={row.id}>
              <button type="button" class="link grow row" onClick={() => void goTo(row.node)}>{isProtected(row) && <Locked />}<Middle text={row.title} /></button>
              <Tile sparsity={row.sparsity} format={row.format} claim={row.declared?.sparsity ?? null} problem={row.problem} glyph />
            </div>
          ))}
        </div>
      </div>
    </aside>
  );
}

/** "36 layers, 3 embedding tables": what the prune form would take, and what it leaves out. */
function kindsOf(rows: readonly WeightRow[]): string {
  const nodes = (list: readonly WeightRow[]) => new Set(list.map((row) => row.node)).size;
  const layers = nodes(rows.filter((row) => row.kind !== 'embedding'));
  const tables = nodes(rows.filter((row) => row.kind === 'embedding'));
  return [layers > 0 ? plural(layers, 'layer') : '', tables > 0 ? plural(tables, 'embedding table') : ''].filter((part) => part !== '').join(', ');
}
