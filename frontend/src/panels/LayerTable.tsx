// The dock: every layer as a table row, sorted and filtered, one selection with the graph.
import { useEffect, useRef, useState } from 'preact/hooks';
import { run } from '../commands/list';
import { goTo } from '../commands/go';
import { count, countShort, percent, percentShort, shape } from '../lib/numbers';
import { glyphOf } from '../lib/glyphs';
import { Glyph, Icon } from '../ui/icon';
import { IconButton } from '../ui/controls';
import { Middle } from '../ui/text';
import { Tile } from '../ui/tile';
import { query } from '../state/search';
import { termsOf } from '../state/query';
import { current, select, selected } from '../state/selection';
import { descending, focused, sortBy, sortKey, tableRows, type SortKey } from '../state/table';
import { dock, dockHeight } from '../state/view';
import { isFlagged, rows, together, whichOf } from '../state/weights';
import { isProtected } from '../api/prune';
import type { WeightRow } from '../api/schema';
import { Locked } from './Locked';

const ROW = 24;
const HEAD = 26;
/** Rows kept above and below those in sight. */
const MARGIN = 12;
const COLUMNS = 'minmax(160px, 3fr) minmax(86px, 1fr) 82px minmax(112px, 1.2fr) 94px minmax(88px, 1fr) minmax(88px, 1fr) minmax(98px, 1.2fr) 78px';

const HEADS: { key: SortKey; label: string; num?: boolean }[] = [
  { key: 'layer', label: 'Layer' }, { key: 'op', label: 'Op' }, { key: 'sparsity', label: 'Sparsity' }, { key: 'format', label: 'Format' },
  { key: 'coverage', label: '2:4 coverage', num: true }, { key: 'declared', label: 'Declared' },
  { key: 'elements', label: 'Weights', num: true }, { key: 'size', label: 'Shape', num: true }, { key: 'dtype', label: 'Type' },
];

export function LayerTable() {
  const list = tableRows.value;
  const box = useRef<HTMLDivElement>(null);
  const [span, setSpan] = useState({ from: 0, to: 40 });
  const measure = () => {
    const own = box.current;
    if (!own) return;
    const from = Math.max(0, Math.floor(own.scrollTop / ROW) - MARGIN);
    setSpan({ from, to: from + Math.ceil(own.clientHeight / ROW) + 2 * MARGIN });
  };
  useEffect(() => {
    const watch = new ResizeObserver(measure);
    watch.observe(box.current!);
    // Opened from the graph with its key, it takes the arrows at once; a search goes on typing.
    if (document.activeElement === document.body || document.activeElement instanceof HTMLCanvasElement) box.current!.focus({ preventScroll: true });
    return () => watch.disconnect();
  }, []);
  const stand = focused.value;
  const node = current.value;
  useEffect(() => {
    // What was selected in the graph is brought into sight too.
    const at = standing(list, stand, node);
    if (at >= 0) reveal(box.current!, at);
  }, [stand, node, sortKey.value, descending.value]);

  const walk = (event: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (by === undefined || event.shiftKey || list.length === 0) return;
    event.preventDefault();
    event.stopPropagation();
    const at = standing(list, focused.value, current.value);
    const next = list[Math.max(0, Math.min(list.length - 1, at + by))]!;
    choose(next, false);
  };
  return (
    <section class="dock" aria-label="Layers" style={dockHeight.value === null ? undefined : { height: `${dockHeight.value}px` }}>
      <Grip />
      <DockHead list={list} />
      <div class="grid" role="grid" aria-rowcount={list.length} tabIndex={0} ref={box} onScroll={measure} onKeyDown={walk}>
        <div class="grid-row grid-head" role="row" style={{ gridTemplateColumns: COLUMNS }}>
          {HEADS.map((head) => <Head key={head.key} head={head} />)}
        </div>
        <div class="grid-space" style={{ height: `${list.length * ROW}px` }}>
          <div class="grid-window" style={{ top: `${span.from * ROW}px` }}>
            {list.slice(span.from, span.to).map((row) => <Row key={row.id} row={row} />)}
          </div>
        </div>
        {list.length === 0 && <div class="grid-empty">{rows.value.size === 0 ? 'No operator of this model has weights.' : 'No layer matches the search.'}</div>}
      </div>
    </section>
  );
}

const LEAST = 120;

/** The dock's upper edge: dragging it, or the arrow keys on it, changes the height. */
function Grip() {
  const resize = (grip: Element, to: number) => {
    const room = grip.closest('.stage')!.clientHeight;
    dockHeight.value = Math.max(LEAST, Math.min(room - LEAST, to));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowUp: ROW, ArrowDown: -ROW }[event.key];
    if (by === undefined || event.shiftKey) return;
    event.preventDefault();
    const grip = event.currentTarget as HTMLElement;
    resize(grip, grip.parentElement!.clientHeight + by);
  };
  return (
    <div class="grip" role="separator" aria-orientation="horizontal" aria-label="Height of the table" tabIndex={0} onKeyDown={onKeyDown}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={(event) => {
        if (event.buttons !== 1) return;
        resize(event.currentTarget, event.currentTarget.parentElement!.getBoundingClientRect().bottom - event.clientY);
      }} />
  );
}

function DockHead({ list }: { list: readonly WeightRow[] }) {
  const sum = together(list);
  const terms = termsOf(query.value);
  const drop = (at: number) => {
    query.value = terms.filter((_, index) => index !== at).join(' ');
  };
  return (
    <div class="dock-head">
      <b>Layers</b>
      <span class="soft">{list.length === rows.value.size ? list.length : `${list.length} of ${rows.value.size}`}</span>
      {terms.map((term, at) => (
        <span class="chip mono" key={term}>{term}
          <button type="button" aria-label={`Remove ${term}`} onClick={() => drop(at)}><Icon name="close" /></button>
        </span>
      ))}
      <span class="grow" />
      <span><span class="muted">together </span>{countShort(sum.elements)} weights{sum.sparsity === null ? '' : `, ${percentShort(sum.sparsity)}`}</span>
      <button type="button" class="btn small" disabled={list.length === 0} onClick={() => select(new Set(list.map((row) => row.node)))}>Select all</button>
      <button type="button" class="btn small" disabled={list.length === 0} onClick={() => {
        select(new Set(list.map((row) => row.node)));
        run('prune.form');
      }}>Prune these…</button>
      <IconButton label="Close the table" hotkey="T" onClick={() => { dock.value = false; }}><Icon name="close" /></IconButton>
    </div>
  );
}

function Head({ head }: { head: (typeof HEADS)[number] }) {
  const sorted = sortKey.value === head.key;
  return (
    <span role="columnheader" class={head.num ? 'num' : ''} aria-sort={sorted ? (descending.value ? 'descending' : 'ascending') : 'none'}>
      <button type="button" class={sorted ? 'sorted' : ''} onClick={() => sortBy(head.key)}>
        {head.label}{sorted && (descending.value ? ' ▼' : ' ▲')}
      </button>
    </span>
  );
}

/** Where the arrows go on from: the row last chosen, or that of the node selected since; -1 where neither is there. */
function standing(list: readonly WeightRow[], focus: number | null, node: number | null): number {
  const own = list.findIndex((row) => row.id === focus && (node === null || row.node === node));
  return own >= 0 ? own : list.findIndex((row) => row.node === node);
}

function choose(row: WeightRow, toggle: boolean): void {
  focused.value = row.id;
  if (toggle) select([row.node], 'toggle');
  else void goTo(row.node);
}

function Row({ row }: { row: WeightRow }) {
  const chosen = selected.value.has(row.node);
  const coverage = row.coverage['2:4'];
  const which = whichOf(row);
  return (
    <div class={`grid-row${chosen ? ' sel' : ''}${isFlagged(row) ? ' bad' : ''}`} role="row" aria-selected={chosen}
      style={{ gridTemplateColumns: COLUMNS }} onClick={(event) => choose(row, event.shiftKey || event.ctrlKey || event.metaKey)}>
      <span role="gridcell" class={isProtected(row) ? 'with-lock' : ''}>{isProtected(row) && <Locked />}<Middle text={row.title} /></span>
      <span role="gridcell">{row.op}{row.kind === 'embedding' && <span class="muted" title="embedding table"> table</span>}{which !== '' && <span class="muted" title={row.tensor}> {which}</span>}</span>
      <span role="gridcell"><Tile sparsity={row.sparsity} format={row.format} claim={row.declared?.sparsity ?? null} problem={row.problem} /></span>
      <span role="gridcell">{row.problem ? <span class="warn" title={row.problem}>unreadable</span>
        : row.format && <span class="format"><Glyph name={glyphOf(row.format)} />{row.format}</span>}</span>
      <span role="gridcell" class="num">{coverage === undefined ? <span class="muted">–</span> : percent(coverage, 1)}</span>
      <span role="gridcell"><Declared row={row} /></span>
      <span role="gridcell" class="num">{count(row.elements)}</span>
      <span role="gridcell" class="num">{shape(row.shape)}</span>
      <span role="gridcell" class="soft">{row.dtype}</span>
    </div>
  );
}

/** The claimed share and, as a glyph, the claimed format; the tooltip has it in words. */
function Declared({ row }: { row: WeightRow }) {
  const claim = row.declared;
  if (claim === null) return <span class="muted">none</span>;
  const share = claim.sparsity === null ? '' : String(Math.round(claim.sparsity * 1e3) / 1e3);
  const words = [share, claim.format ?? '', claim.invalid ?? '', ...row.disagreements].filter((word) => word !== '').join(', ');
  const flagged = isFlagged(row);
  return (
    <span class={flagged ? 'format alert' : 'format'} title={words}>
      {flagged ? <Glyph name="mismatch" /> : row.agrees && <span class="ok" style={{ display: 'flex' }}><Icon name="check" /></span>}
      {claim.invalid !== null ? 'invalid' : share}
      {claim.format !== null && claim.invalid === null && <Glyph name={glyphOf(claim.format)} />}
    </span>
  );
}

/** Scrolls only as far as needed. */
function reveal(box: HTMLElement, at: number): void {
  const top = at * ROW;
  const room = box.clientHeight - HEAD;
  if (top < box.scrollTop) box.scrollTop = top;
  else if (top + ROW > box.scrollTop + room) box.scrollTop = top + ROW - room;
}
