// The canvas with what floats on it: way in, legend, zoom buttons, toasts; and the table below.
import { Fragment } from 'preact';
import { labelOf, shownKey } from '../commands/command';
import { enterGraph } from '../commands/go';
import { command, run } from '../commands/list';
import { graphStep } from '../lib/names';
import { IconButton } from '../ui/controls';
import { Icon } from '../ui/icon';
import { budgetShown } from '../state/budget';
import { trail } from '../state/graph';
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

function Zoomers() {
  const button = (id: string, name: 'plus' | 'minus' | 'fit') => (
    <IconButton label={labelOf(command(id))} hotkey={shownKey(command(id))} onClick={() => run(id)}><Icon name={name} /></IconButton>
  );
  return <div class="float zoomers">{button('view.zoom-in', 'plus')}{button('view.zoom-out', 'minus')}{button('view.fit', 'fit')}</div>;
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
      {way.map((path, at) => {
        const found = graphs.find((one) => one.path === path);
        const label = graphStep({ path, name: found?.name ?? '', holder: found?.holder ?? '' });
        return at === way.length - 1
          ? <span class="here clip" key={path} title={path}>{label}</span>
          : <Fragment key={path}><button type="button" class="btn plain small" onClick={() => void enterGraph(path)}>{label}</button><Icon name="right" /></Fragment>;
      })}
      <IconButton label="All graphs of the model" onClick={list}><Icon name="down" /></IconButton>
    </nav>
  );
}
