// The frame: which page is shown, with its panel, menus and dialogs.
import { useEffect } from 'preact/hooks';
import { onKeyDown } from '../commands/keys';
import { ModelPanel } from '../panels/ModelPanel';
import { NodePanel } from '../panels/NodePanel';
import { PrunePanel } from '../panels/PrunePanel';
import { connected, job, model, problem, server } from '../state/session';
import { colourMode } from '../state/canvas';
import { applyTheme } from '../state/theme';
import { dragging, side } from '../state/view';
import { Dialogs } from './Dialogs';
import { watchDrops } from './drop';
import { ErrorPage } from './ErrorPage';
import { Popups } from './Popups';
import { Stage } from './Stage';
import { StartPage } from './StartPage';
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
  if (server.value === null) {
    return <div class="waiting">{!connected.value && 'Sparseview does not answer. Start it again from the command line.'}</div>;
  }
  return (
    <div class="app">
      {model.value ? <TopBar /> : <BareBar />}
      {model.value ? <><Stage /><Side /></> : <Without />}
      <StatusLine />
      <Popups />
      <Dialogs />
      {dragging.value && <div class="dropzone">Drop an ONNX model to open it</div>}
    </div>
  );
}

/** The page while no model is open. */
function Without() {
  if (job.value) return <main class="page"><div class="waiting" role="status">{job.value.label}…</div></main>;
  return problem.value ? <ErrorPage /> : <StartPage />;
}

function Side() {
  switch (side.value) {
    case 'node': return <NodePanel />;
    case 'model': return <ModelPanel />;
    case 'prune': return <PrunePanel />;
    default: return <span />;
  }
}
