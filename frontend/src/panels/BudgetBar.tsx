// The budget bar: how much of the whole model is zero, now and with the edit, the target, and who contributes.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { goTo } from '../commands/go';
import { reach } from '../commands/budget';
import { paintBudget } from '../canvas/budget-paint';
import { readTheme } from '../canvas/theme';
import { apart, shortName } from '../lib/names';
import { typedNumber } from '../lib/typed';
import { count, countShort, percent, percentShort, plural } from '../lib/numbers';
import { blocksOf, budgetOrder, budgetWanted, cellAt, cells, contributors, overall, target, type Cell } from '../state/budget';
import { colourMode } from '../state/canvas';
import { estimated } from '../state/preview';
import { select } from '../state/selection';
import { theme } from '../state/theme';
import { side } from '../state/view';
import { summary } from '../state/weights';
import { isProtected } from '../api/prune';
import { IconButton, Segments } from '../ui/controls';
import { Icon } from '../ui/icon';

const HEIGHT = 24;

export function BudgetBar() {
  const list = cells.value;
  const elements = list.reduce((sum, cell) => sum + cell.elements, 0);
  return (
    <section class="budget" aria-label="Budget">
      <header class="budget-head">
        <b>Budget</b>
        <span class="soft clip" title={`${count(elements)} weights${embeddings()}`}>{plural(list.length, 'tensor')}<span class="roomy">, {countShort(elements)} weights</span></span>
        <span class="grow" />
        <Shares />
        <Reach />
        <Segments label="Order" value={budgetOrder.value} onChange={(value) => { budgetOrder.value = value === 'model' ? 'model' : 'largest'; }}
          choices={[{ value: 'largest', label: 'largest first', title: 'The most zeros first' }, { value: 'model', label: 'model order' }]} />
        {side.value !== 'prune' && <IconButton label="Close the budget bar" hotkey="B" onClick={() => { budgetWanted.value = false; }}><Icon name="close" /></IconButton>}
      </header>
      <Cells list={list} />
    </section>
  );
}

/** A prune revives no zero: a target below what is there cannot be reached. */
function Reach() {
  const { now } = overall.value;
  const there = now !== null && now >= target.value;
  const title = there ? `${percent(now)} of the model is zero already: set a higher target` : 'Prune every layer, so that exactly this share of the whole model is zero';
  return <button type="button" class="btn small" disabled={there} title={title} onClick={openAtTarget}>Reach {Number((target.value * 100).toFixed(2))} %…</button>;
}

function openAtTarget(event: MouseEvent): void {
  // Enter is for Apply now, not for this button again.
  (event.currentTarget as HTMLElement).blur();
  reach(target.value);
}

function embeddings(): string {
  return (summary.value?.embeddings.weights ?? 0) > 0 ? '; embeddings apart' : '';
}

/** Before what a sample tells of the edit. */
const about = () => (estimated.value === null ? '' : '≈ ');

function Shares() {
  const { now, withEdit } = overall.value;
  const share = (value: number) => `${value * 100}%`;
  return (
    <>
      <span class="nowrap"><span class="muted worded">now </span><b>{now === null ? '…' : percent(now)}</b></span>
      {withEdit !== null && <span class="nowrap budget-then" title={estimated.value ?? 'With this edit'}><span class="muted worded">with this edit </span><b class="accent">{about()}{percent(withEdit)}</b></span>}
      <span class="budget-track">
        <i class="budget-edit" style={{ width: share(Math.max(withEdit ?? 0, now ?? 0)) }} />
        <i class="budget-now" style={{ width: share(Math.min(now ?? 0, withEdit ?? 1)) }} />
        <Marker />
      </span>
      <label class="budget-target"><span class="muted worded">target</span><TargetField /></label>
    </>
  );
}

/** The target on the track: drag it, or move it by the arrow keys. */
function Marker() {
  const set = (value: number) => {
    target.value = Math.round(Math.min(1, Math.max(0, value)) * 200) / 200;
  };
  const drag = (event: PointerEvent) => {
    const track = (event.currentTarget as HTMLElement).parentElement!.getBoundingClientRect();
    set((event.clientX - track.left) / track.width);
  };
  const keys = (event: KeyboardEvent) => {
    const by = { ArrowRight: 0.01, ArrowUp: 0.01, ArrowLeft: -0.01, ArrowDown: -0.01 }[event.key];
    if (by === undefined || event.shiftKey || event.ctrlKey) return;
    event.preventDefault();
    event.stopPropagation();
    set(target.value + by);
  };
  return (
    <span class="budget-marker" role="slider" tabIndex={0} aria-label="Target" aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(target.value * 1000) / 10}
      style={{ left: `${target.value * 100}%` }} onKeyDown={keys}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={(event) => { if (event.buttons === 1) drag(event); }} />
  );
}

function TargetField() {
  const take = (text: string) => {
    const typed = typedNumber(text);
    if (typed !== null) target.value = Math.min(1, Math.max(0, typed / 100));
  };
  return (
    <span class="budget-field">
      <input type="number" min="0" max="100" step="0.1" aria-label="Target in percent" value={Math.round(target.value * 1e4) / 100}
        onChange={(event) => take(event.currentTarget.value)} />%
    </span>
  );
}

function Cells({ list }: { list: readonly Cell[] }) {
  const box = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(0);
  const [hover, setHover] = useState<{ at: number; x: number } | null>(null);
  const shown = theme.value;
  const plain = colourMode.value !== 'sparsity';
  const ratio = typeof devicePixelRatio === 'number' ? devicePixelRatio : 1;
  useEffect(() => {
    const watch = new ResizeObserver(() => setWidth(box.current?.clientWidth ?? 0));
    watch.observe(box.current!);
    return () => watch.disconnect();
  }, []);
  useLayoutEffect(() => {
    const canvas = box.current!;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(HEIGHT * ratio);
    const ctx = canvas.getContext('2d');
    if (!ctx || width === 0) return;
    const painted = list.map((cell) => ({ elements: cell.elements, sparsity: cell.after, marked: cell.inEdit || cell.selected }));
    paintBudget(ctx, painted, canvas, ratio, readTheme(canvas), plain);
  }, [list, width, shown, ratio, plain]);
  const find = (event: MouseEvent) => (width > 0 ? cellAt(list, event.offsetX / width) : -1);
  const pick = (event: MouseEvent) => {
    const cell = list[find(event)];
    if (!cell) return;
    if (event.shiftKey || event.ctrlKey || event.metaKey) select([cell.row.node], 'toggle');
    else void goTo(cell.row.node);
  };
  const pointed = hover === null ? undefined : list[hover.at];
  const blocks = budgetOrder.value === 'model' ? blocksOf(list) : [];
  return (
    <div class="budget-cells">
      <canvas ref={box} role="img" aria-label="Every layer by weights and sparsity; the table of layers (T) tells the same in text" style={{ height: `${HEIGHT}px` }}
        onPointerMove={(event) => { const at = find(event); setHover(at < 0 ? null : { at, x: event.offsetX }); }}
        onPointerLeave={() => setHover(null)} onClick={pick} />
      <div class="budget-names">
        {pointed ? <Pointed cell={pointed} x={hover!.x} width={width} /> : blocks.length > 0
          ? blocks.filter((block) => (block.to - block.from) * width > 44).map((block) => (
            <span key={`${block.name} ${block.from}`} style={{ left: `${block.from * 100}%`, width: `${(block.to - block.from) * 100}%` }} title={block.name}>{block.name}</span>
          ))
          : <Largest list={list} width={width} />}
      </div>
    </div>
  );
}

/** CSS px that one of the largest takes, at least. */
const ROOM = 190;

/** Who holds the most of the zeros, or, while there are none, of the weights. */
function Largest({ list, width }: { list: readonly Cell[]; width: number }) {
  const { parts, of } = contributors(list);
  const guess = of === 'zeros' ? about() : '';
  const some = parts.slice(0, Math.max(1, Math.min(5, Math.floor((width - 60) / ROOM))));
  // Apart over all of them, or two of one block would lose what tells them from the others.
  const names = new Map(apart(list.map((cell) => cell.row.title)).map((name, at) => [list[at]!, name]));
  return (
    <span class="budget-largest">
      <span class="muted">{of === 'zeros' ? 'Most zeros:' : 'Largest:'}</span>
      {some.map(({ cell, share }) => (
        <button type="button" class="plain-link" key={cell.row.key} title={`${cell.row.title}: ${guess}${percent(share)} of all ${of}${guess && `. ${estimated.value}`}`} onClick={() => void goTo(cell.row.node)}>
          <b>{guess}{percentShort(share)}</b> <span class="mono">{shortName(names.get(cell)!, 20)}</span>
        </button>
      ))}
    </span>
  );
}

function Pointed({ cell, x, width }: { cell: Cell; x: number; width: number }) {
  const { row, sparsity, after, elements } = cell;
  const change = after !== null && sparsity !== null && after !== sparsity ? ` → ${about()}${percentShort(after)}` : '';
  const right = x > width / 2;
  return (
    <span class="budget-pointed" style={right ? { right: `${Math.max(0, width - x)}px` } : { left: `${x}px` }}>
      {isProtected(row) && <Icon name="lock" />}<b>{row.title}</b> {count(elements)} weights, {sparsity === null ? 'not measured' : `${percentShort(sparsity)}${change}`}
    </span>
  );
}
