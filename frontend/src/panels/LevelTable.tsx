// The table of levels in the form: each layer's share now, the one it is to come to, and what that keeps.
import { useRef, useState } from 'preact/hooks';
import { isProtected } from '../api/prune';
import type { WeightRow } from '../api/schema';
import { apart } from '../lib/names';
import { plural } from '../lib/numbers';
import { changeLevels, layersOf, readTable, typedLevel } from '../state/levels';
import { estimated, pictured, shown } from '../state/preview';
import { picturedRow } from '../state/prune-picture';
import { form, isDriven, targets } from '../state/prune';
import { toast } from '../state/toasts';
import { titleOf, together } from '../state/weights';
import { Few } from '../ui/few';
import { Short } from '../ui/text';
import { scaleColours } from '../ui/scale';
import { Tile } from '../ui/tile';
import { Locked } from './Locked';
import { errorsOf, lossText } from './PlanTable';

const MOST = 300;
/** So many fields at first. */
const FEW = 12;

export function LevelTable() {
  const levels = form.value.levels;
  const box = useRef<HTMLDivElement>(null);
  if (levels === null) return null;
  const weights = targets.value;
  const layers = layersOf(weights).slice(0, MOST);
  const names = apart(layers.map(titleOf));
  const byData = isDriven(form.value.method) || errorsOf(shown.value?.rows.filter((row) => row.skipped === null) ?? []).length > 0;
  const byLayer = new Map<string, WeightRow[]>();
  for (const row of weights) byLayer.set(row.layer, [...(byLayer.get(row.layer) ?? []), row]);
  const paste = (event: ClipboardEvent) => {
    const text = event.clipboardData?.getData('text') ?? '';
    // One level alone goes where it is pasted.
    if (!/[\n\t;,]/.test(text.trim()) || typedLevel(text) !== null) return;
    event.preventDefault();
    const at = layers.indexOf((event.target as HTMLElement).dataset['layer'] ?? '');
    const { levels: found, problems } = readTable(text, layersOf(weights), Math.max(at, 0));
    changeLevels(found);
    toast(`Took ${plural(Object.keys(found).length, 'level')}${problems.length > 0 ? `; ${plural(problems.length, 'line')} left out: ${problems[0]}` : ''}`);
  };
  const walk = (event: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const fields = [...box.current!.querySelectorAll('input')];
    const next = fields[fields.indexOf(event.target as HTMLInputElement) + by];
    next?.focus();
  };
  return (
    <div class="plan" ref={box} onPaste={paste} onKeyDown={walk}>
      <div class="plan-row plan-head"><span>{form.value.format}</span><span>before</span><span /><span>level</span><span class="num">{byData ? 'error' : 'kept'}</span></div>
      <Few few={FEW} of="layer" rows={layers.map((layer, at) => (
        <Row key={layer} layer={layer} name={names[at]!} rows={byLayer.get(layer)!} level={Object.hasOwn(levels, layer) ? levels[layer]! : null} byData={byData} />
      ))} />
      {byLayer.size > MOST && <p class="muted">and {plural(byLayer.size - MOST, 'layer')} more: edit them as text</p>}
    </div>
  );
}

function Row({ layer, name, rows, level, byData }: { layer: string; name: string; rows: readonly WeightRow[]; level: number | null; byData: boolean }) {
  const told = shown.value?.rows.find((row) => row.layer === layer) ?? null;
  const stays = told?.skipped ?? null;
  const before = together(rows).sparsity;
  const on = picturedRow.value !== null && picturedRow.value.layer === layer;
  return (
    <div class={`plan-row${on ? ' on' : ''}`} title={stays === null ? titleOf(layer) : `${titleOf(layer)} stays as it is: ${stays}`}
      onClick={() => { pictured.value = rows[0]!.id; }}>
      <span class="row">{rows.some(isProtected) && <Locked />}<Short text={name} whole={titleOf(layer)} letters={rows.some(isProtected) ? 17 : 19} /></span>
      <Tile sparsity={before} format={rows.length === 1 ? rows[0]!.format : null} glyph={rows.length === 1} />
      <span class="muted">→</span>
      <Level layer={layer} level={level} />
      <span class={stays === null ? 'num' : 'num muted'} title={stays === null ? estimated.value ?? undefined : undefined}>
        {told === null ? '' : stays === null ? lossText(told, byData) : 'stays'}
      </span>
    </div>
  );
}

/** A field in the look of the tile that the layer would have. */
function Level({ layer, level }: { layer: string; level: number | null }) {
  const written = level === null ? '' : `${Number((level * 100).toFixed(2))} %`;
  const [typed, setTyped] = useState<string | null>(null);
  const take = (field: HTMLInputElement) => {
    const text = field.value;
    const found = typedLevel(text);
    setTyped(null);
    if (text.trim() === '') changeLevels({ [layer]: null });
    else if (found === null) field.value = written;
    else if (text !== written) changeLevels({ [layer]: found });
  };
  const style = level === null || level === 0 || typed !== null ? undefined : scaleColours(level);
  return (
    <input class="level" type="text" inputMode="decimal" data-layer={layer} style={style} value={typed ?? written} placeholder="stays" aria-label={`Level of ${titleOf(layer)}`}
      onFocus={(event) => event.currentTarget.select()} onInput={(event) => setTyped(event.currentTarget.value)}
      onBlur={(event) => take(event.currentTarget)}
      onKeyDown={(event) => { if (event.key === 'Enter' || event.key === 'ArrowDown' || event.key === 'ArrowUp') take(event.currentTarget); }} />
  );
}
