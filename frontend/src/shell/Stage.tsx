// The canvas with what floats on it: way in, legend, zoom buttons, toasts; and the table below.
import { Fragment } from 'preact';
import { labelOf, shownKey } from '../commands/command';
import { enterGraph } from '../commands/go';
import { command, run } from '../commands/list';
import { graphStep } from '../lib/names';
import { IconButton } from '../ui/controls';
import { Icon } from '../ui/icon';
import { budgetShown } from '../state/budget';
import { graph, phase, trail } from '../state/graph';
import { model } from '../state/session';
import { dock, popup } from '../state/view';
import { CanvasHost } from './CanvasHost';
import { Later } from './later';
import { Legend } from './Legend';
import { Minimap } from './Minimap';
import { Tip } from './Tip';
import { Toasts } from './Toasts';

export function Stage() {
  return (
    <main class="stage">
      <div class="canvas">
        <CanvasHost />
        <Bare />
        <Crumbs />
        <Legend />
        <div class="corner"><Zoomers /><Minimap /></div>
        <Toasts />
        <Tip />
      </div>
      {dock.value && <Later name="LayerTable" />}
      {budgetShown.value && <Later name="BudgetBar" />}
    </main>
  );
}

/** In place of a picture, where a graph has nothing to draw. */
export function Bare() {
  if (phase.value !== 'ready' || graph.value?.document.count !== 0) return null;
  const inside = trail.value.length > 1;
  return (
    <div class="waiting bare">
      <p>{inside ? 'This graph has no operators, inputs or outputs.' : 'This model has no operators, inputs or outputs: there is nothing to draw.'}</p>
      <button type="button" class="btn" onClick={() => run(inside ? 'go.back' : 'file.open')}>{inside ? 'Back to the graph around' : 'Open another model'}</button>
    </div>
  );
}

function Zoomers() {
  const button = (id: string, name: 'plus' | 'minus' | 'fit') => (
    <IconButton label={labelOf(command(id))} hotkey={shownKey(command(id))} onClick={() => run(id)}><Icon name={name} /></IconButton>
  );
  return <div class="float zoomers">{button('view.zoom-in', 'plus')}{button('view.zoom-out', 'minus')}{button('view.fit', 'fit')}</div>;
}

/** Of a longer way the first graph and this many of the last are named. */
const ENDS = 3;

/** The graphs of a way that are named; null stands for those between. */
export function shortWay(way: readonly string[]): (string | null)[] {
  return way.length <= ENDS + 2 ? [...way] : [way[0]!, null, ...way.slice(-ENDS)];
}

/** The way from the main graph to the one shown; a list of all graphs where there are several. */
function Crumbs() {
  const graphs = model.value?.graphs ?? [];
  const way = trail.value;
  if (graphs.length < 2) return null;
  const list = (event: MouseEvent) => {
    const place = (event.currentTarget as HTMLElement).getBoundingClientRect();
    popup.value = { kind: 'graphs', x: place.left, y: place.bottom + 4 };
  };
  return (
    <nav class="float crumbs" aria-label="Graphs">
      {shortWay(way).map((path, at, shown) => {
        if (path === null) return <Fragment key="between"><button type="button" class="btn plain small fixed" aria-label={`${way.length - ENDS - 1} graphs between`} onClick={list}>…</button><Icon name="right" /></Fragment>;
        const found = graphs.find((one) => one.path === path);
        const label = graphStep({ path, name: found?.name ?? '', holder: found?.holder ?? '' });
        return at === shown.length - 1
          ? <span class="here clip" key={path} title={path}>{label}</span>
          : <Fragment key={path}><button type="button" class="btn plain small" title={path} onClick={() => void enterGraph(path)}><span class="clip">{label}</span></button><Icon name="right" /></Fragment>;
      })}
      <IconButton label="All graphs of the model" onClick={list}><Icon name="down" /></IconButton>
    </nav>
  );
}
