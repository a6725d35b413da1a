// Stands in the page's head and runs before anything else: begins the first picture. Workers are made
// of this script, too.
import { written } from './api/written';
import { wishesOf } from './graph/errand';
import { beginFirst, warmUp } from './graph/first';
import { bringCompiled } from './graph/layout/kernel';
import { bytesOf } from './graph/worker';

/** The compiled kernel of the layout, base64; the build puts it in. */
declare const KERNEL: string;

bringCompiled(() => bytesOf(KERNEL));

if (typeof document !== 'undefined') {
  // Before the styles are there, which go by it.
  if (navigator.platform.startsWith('Linux')) document.documentElement.dataset.system = 'linux';
  // The launch URL answers with the page; its secret stays neither in the address nor in the history.
  if (location.pathname !== '/') history.replaceState(null, '', '/');
  const source = document.currentScript?.textContent ?? '';
  const known = written();
  if (known?.model) beginFirst('main', wishesOf(known.settings), document.getElementById('columns')?.textContent ?? '', source);
  else warmUp(source);
}
