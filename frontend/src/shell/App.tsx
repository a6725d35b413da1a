// The frame: which page is shown, with its panel, menus and dialogs.
import { useEffect } from 'preact/hooks';
import { onKeyDown } from '../commands/keys';
import { run } from '../commands/list';
import { plural } from '../lib/numbers';
import { connected, job, model, problem, server } from '../state/session';
import { colourMode } from '../state/canvas';
import { applyTheme } from '../state/theme';
import { toast } from '../state/toasts';
import { dialog, dragging, popup, side } from '../state/view';
import { watchDrops } from './drop';
import { Later } from './later';
import { Stage } from './Stage';
import { StatusLine } from './StatusLine';
import { BareBar, TopBar } from './TopBar';

export function App() {
  // While rendering, before the canvas mounts and reads the tokens.
  applyTheme();
  document.documentElement.dataset.colour = colourMode.value === 'sparsity' ? 'sparsity' : 'other';
  useEffect(() => {
    addEventListener('keydown', onKeyDown);
    const undrop = watchDrops();
    return () => {
      removeEventListener('keydown', onKeyDown);
      undrop();
    };
  }, []);
  const name = model.value?.name;
  useEffect(() => {
    document.title = name === undefined ? 'Sparseview' : `${name} – Sparseview`;
  }, [name]);
  const serial = model.value?.serial;
  useEffect(() => {
    const kept = model.peek()?.protected ?? 0;
    if (kept > 0) toast(`${plural(kept, 'layer')} stay${kept === 1 ? 's' : ''} protected from pruning, as when this file was saved`, { label: 'Unprotect', run: () => run('prune.unprotect-all') });
  }, [serial]);
  if (server.value === null) {
    return <div class="waiting">{!connected.value && 'Sparseview does not answer. Start it again from the command line.'}</div>;
  }
  return (
    <div class="app">
      {model.value ? <TopBar /> : <BareBar />}
      {model.value ? <><Stage /><Side /></> : <Without />}
      <StatusLine />
      <Over />
      {dragging.value && <div class="dropzone">{model.value ? 'Drop an ONNX model to open it, or data to prune by' : 'Drop an ONNX model to open it'}</div>}
    </div>
  );
}

/** Menus and dialogs. */
function Over() {
  return <>{popup.value && <Later name="Popups" />}{dialog.value && <Later name="Dialogs" />}</>;
}

/** The page while no model is open. */
function Without() {
  if (job.value) return <main class="page"><div class="waiting" role="status">{job.value.label}…</div></main>;
  return problem.value ? <Later name="ErrorPage" /> : <Later name="StartPage" />;
}

function Side() {
  switch (side.value) {
    case 'node': return <Later name="NodePanel" />;
    case 'model': return <Later name="ModelPanel" />;
    case 'prune': return <Later name="PrunePanel" />;
    case 'sensitivity': return <Later name="SensitivityPanel" />;
    case 'effect': return <Later name="EffectPanel" />;
    default: return <span />;
  }
}
