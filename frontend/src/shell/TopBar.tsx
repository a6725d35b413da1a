// The bar on top: menu, file, overall sparsity, search, undo and redo, panel, save.
import { labelOf, shownKey } from '../commands/command';
import { command, run } from '../commands/list';
import { percent, plural } from '../lib/numbers';
import { IconButton } from '../ui/controls';
import { Icon } from '../ui/icon';
import { FileName } from '../ui/text';
import { Swatch } from '../ui/tile';
import { history, model, unsaved } from '../state/session';
import { theme } from '../state/theme';
import { dock, popup, side, type Popup } from '../state/view';
import { layerCounts, summary, unreadable } from '../state/weights';
import { mode } from './colours';
import { SearchBox } from './SearchBox';

function openMenu(kind: Popup['kind'], event: MouseEvent): void {
  const place = (event.currentTarget as HTMLElement).getBoundingClientRect();
  popup.value = { kind, x: place.left, y: place.bottom + 6 };
}

function MenuButton() {
  return (
    <button type="button" class="btn plain" aria-label="Menu" aria-haspopup="menu" onClick={(event) => openMenu('main', event)}><Icon name="menu" /></button>
  );
}

/** The bar of the start page and the error page. */
export function BareBar() {
  return (
    <header class="bar">
      <MenuButton />
      <b class="brand">Sparseview</b>
      <span class="grow" />
      <IconButton label={theme.value === 'dark' ? 'Light theme' : 'Dark theme'} onClick={() => run(theme.value === 'dark' ? 'view.theme.light' : 'view.theme.dark')}>
        <Icon name={theme.value === 'dark' ? 'light' : 'dark'} />
      </IconButton>
    </header>
  );
}

export function TopBar() {
  const open = model.value!;
  return (
    <header class="bar">
      <MenuButton />
      <span class="file-line">
        <button type="button" class="btn plain file" title={`${open.path} (${shownKey(command('view.model'))})`} onClick={() => run('view.model')}>
          <FileName text={open.name} />
          {unsaved.value && <span class="unsaved" role="img" aria-label="unsaved changes" title="unsaved changes" />}
        </button>
        <button type="button" class="btn plain" aria-label="Recent models" aria-haspopup="menu" onClick={(event) => openMenu('recent', event)}><Icon name="down" /></button>
      </span>
      <span class="sep roomy" />
      <Overall />
      <SearchBox />
      <button type="button" class="btn colour-choice" aria-haspopup="menu" title="What the colours on the canvas tell" onClick={(event) => openMenu('colour', event)}>
        <span class="muted roomy">Colour</span><span class="clip">{mode.value.label}</span><Icon name="down" />
      </button>
      <span class="row" style={{ gap: 0 }}>
        <HistoryButton id="edit.undo" />
        <HistoryButton id="edit.redo" />
      </span>
      <button type="button" class={`btn${dock.value ? ' on' : ''}`} aria-pressed={dock.value} title={`Table of layers (${shownKey(command('view.layers'))})`}
        onClick={() => run('view.layers')}><Icon name="table" /><span class="wordy">Layers</span></button>
      <button type="button" class={`btn${side.value === 'model' ? ' on' : ''}`} aria-pressed={side.value === 'model'}
        title={`Model (${shownKey(command('view.model'))})`} onClick={() => run('view.model')}><Icon name="info" /><span class="wordy">Model</span></button>
      <button type="button" class={`btn${unsaved.value ? ' primary' : ''}`} title={`Save (${shownKey(command('file.save'))})`} onClick={() => run('file.save')}>Save</button>
    </header>
  );
}

function HistoryButton({ id }: { id: 'edit.undo' | 'edit.redo' }) {
  const found = command(id);
  const now = history.value;
  const can = id === 'edit.undo' ? now.position > 0 : now.position < now.edits.length;
  return (
    <IconButton label={labelOf(found)} hotkey={shownKey(found)} disabled={!can} onClick={() => run(id)}>
      <Icon name={id === 'edit.undo' ? 'undo' : 'redo'} />
    </IconButton>
  );
}

function Overall() {
  const totals = summary.value;
  const { layers, sparse } = layerCounts.value;
  if (totals === null) return <span class="overall muted">…</span>;
  if (layers === 0) return <span class="overall muted">no layers</span>;
  const open = totals.sparsity === null && totals.elements > 0;
  const measuring = open && totals.measured + unreadable.value < totals.weights;
  const words = measuring ? `${totals.measured} of ${totals.weights} measured`
    : open ? `${unreadable.value} of ${plural(totals.weights, 'weight')} unreadable`
      : sparse === 0 || sparse === layers ? plural(layers, 'layer') : `${sparse} of ${plural(layers, 'layer')} sparse`;
  return (
    <button type="button" class="overall" onClick={() => run('view.model')}
      title="Zeros over all weights of layers; embeddings apart, a shared tensor counted once">
      <Swatch sparsity={totals.sparsity} format={null} />
      <b>{totals.sparsity === null ? (measuring ? '…' : '–') : percent(totals.sparsity)}</b>
      <span class="muted roomy">{words}</span>
    </button>
  );
}
