// A prune layer by layer: before, after, what it costs each; and the layers that stay as they are.
import { isProtected } from '../api/prune';
import { bytes, percent, plural } from '../lib/numbers';
import { apart } from '../lib/names';
import { Few } from '../ui/few';
import { Middle, Short } from '../ui/text';
import { Tile } from '../ui/tile';
import { estimated, pictured, type Shown, type ShownRow } from '../state/preview';
import { picturedRow } from '../state/prune-picture';
import { form } from '../state/prune';
import { rows, titleOf } from '../state/weights';
import { Locked } from './Locked';

const SHOWN = 300;
/** So many at first: what comes below stays in sight. */
const FEW = 8;

/** Errors of the layers that change, where data have told them. */
export const errorsOf = (changed: readonly ShownRow[]) => changed.map((row) => row.layer_error ?? null).filter((one) => one !== null);

/** What a row's change costs: the error of its outputs where data tell it, else what is kept of the squared weight. */
export function lossText(row: ShownRow, byData: boolean): string {
  if (byData) return (row.layer_error ?? null) === null ? '–' : percent(row.layer_error!, 1);
  return `${estimated.value === null ? '' : '≈ '}${percent(row.kept_energy, 1)}`;
}

export function Plan({ made }: { made: Shown }) {
  const changed = made.rows.filter((row) => row.skipped === null);
  const names = apart(changed.slice(0, SHOWN).map((row) => titleOf(row.layer)));
  const byData = errorsOf(changed).length > 0;
  return (
    <div class="plan">
      <div class="plan-row plan-head"><span>{form.value.format}</span><span>before</span><span /><span>after</span><span class="num">{byData ? 'error' : 'kept'}</span></div>
      <Few few={FEW} of="layer" rows={changed.slice(0, SHOWN).map((row, at) => (
        <PlanRow key={row.weight} row={row} name={names[at]!} byData={byData} on={changed.length > 1 && row.weight === picturedRow.value?.weight} />
      ))} />
      {changed.length > SHOWN && <p class="muted">and {plural(changed.length - SHOWN, 'layer')} more</p>}
    </div>
  );
}

function PlanRow({ row, name, byData, on }: { row: ShownRow; name: string; byData: boolean; on: boolean }) {
  const sampled = estimated.value;
  const stored = row.smallest_after ? `, ${row.smallest_after.name} ${bytes(row.smallest_after.bytes)}` : '';
  return (
    <div class={`plan-row${on ? ' on' : ''}`} title={`${titleOf(row.layer)}${stored}; click for its picture`} onClick={() => { pictured.value = row.weight; }}>
      <Short text={name} whole={titleOf(row.layer)} letters={19} />
      <Tile sparsity={row.before?.sparsity ?? null} format={row.before?.format ?? null} glyph={row.before?.format !== null} />
      <span class="muted">→</span>
      <Tile sparsity={row.after?.sparsity ?? null} format={row.after?.format ?? null} glyph={sampled === null} estimated={sampled} />
      <span class="num" title={sampled ?? undefined}>{lossText(row, byData)}</span>
    </div>
  );
}

export function Skipped({ skipped }: { skipped: Shown['skipped'] }) {
  const locked = new Set([...rows.value.values()].filter(isProtected).map((row) => row.layer));
  // A layer of several weights, as an LSTM, is one layer, and says the same once.
  const list = [...new Map(skipped.map((one) => [`${one.layer}\n${one.reason}`, one])).values()];
  const layers = layerCount(skipped);
  return (
    <details class="plan-skips" open={list.length <= 3}>
      <summary class="soft">{plural(layers, 'layer')} stay{layers === 1 ? 's' : ''} as {layers === 1 ? 'it is' : 'they are'}</summary>
      {list.slice(0, SHOWN).map((one) => (
        <div class="plan-skip" key={one.layer + one.reason}>
          <span class="row">{locked.has(one.layer) && <Locked />}<Middle text={titleOf(one.layer)} /></span>
          <span class="muted">{one.reason}</span>
        </div>
      ))}
      {list.length > SHOWN && <p class="muted">and {plural(list.length - SHOWN, 'layer')} more</p>}
    </details>
  );
}

/** How many layers they are. */
export function layerCount(skipped: Shown['skipped']): number {
  return new Set(skipped.map((one) => one.layer)).size;
}
