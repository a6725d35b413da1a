// Stands in the page's head and runs before anything else: sends the worker for the first graph.
import { written } from './api/written';
import { sendAhead, warmUp, wishesOf } from './graph/errand';

const first = written();
if (first?.model) sendAhead('main', wishesOf(first.settings), document.getElementById('columns')?.textContent ?? '');
else warmUp();
