// Starts the page: signals hear the server, then the frame is drawn.
import { render } from 'preact';
import { dropped } from './commands/data';
import { closeWindow, openPath } from './commands/file';
import { written } from './api/written';
import { hook } from './shell/hook';
import { App } from './shell/App';
import { loadPartsInTime } from './shell/later';
import { watchAttention } from './state/attention';
import { watchNode } from './state/node';
import { watchPicture } from './state/picture';
import { watchCompare } from './state/compare';
import { watchDriven } from './state/driven';
import { watchEvaluation } from './state/evaluation';
import { watchPreview } from './state/preview';
import { watchPrunePicture } from './state/prune-picture';
import { watchSensitivity } from './state/sensitivity';
import { watchVisited } from './state/visited';
import { shown } from './state/shown';
import { asked, start, takeState } from './state/sync';
import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import './styles/shell.css';
import './styles/panels.css';

/** A graph may take long to draw; the stream is not put off for longer, ms. */
const PATIENCE = 1000;

window.sparseview = hook;
const first = written();
if (first !== null) takeState(first);
watchNode();
watchAttention();
watchPicture();
watchPreview();
watchCompare();
watchPrunePicture();
watchDriven();
watchEvaluation();
watchSensitivity();
watchVisited();
// No effect: it would ask again, or close, as soon as something changes that the answer looked at.
asked.subscribe((event) => {
  if (event?.type === 'ask-open') void openPath(event.path);
  else if (event?.type === 'ask-data') void dropped(event.path);
  else if (event?.type === 'ask-close') void closeWindow();
});
// The stream of events tells nothing that the written state does not, until the picture is there.
start(first?.model ? shown(PATIENCE) : Promise.resolve());
render(<App />, document.getElementById('app')!);
loadPartsInTime();
