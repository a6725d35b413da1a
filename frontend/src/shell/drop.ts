// Files dragged onto the page. The native window hears their paths and opens them; a browser hides paths.
import { model, nativeDialogs } from '../state/session';
import { trouble } from '../state/toasts';
import { dragging } from '../state/view';

export function watchDrops(): () => void {
  const off = new AbortController();
  const on = (kind: 'dragenter' | 'dragover' | 'dragleave' | 'drop', handle: (event: DragEvent) => void) =>
    document.addEventListener(kind, handle, { signal: off.signal });
  const over = (event: DragEvent) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    dragging.value = true;
  };
  on('dragenter', over);
  on('dragover', over);
  on('dragleave', (event) => {
    if (event.relatedTarget === null) dragging.value = false;
  });
  on('drop', (event) => {
    event.preventDefault();
    dragging.value = false;
    if (nativeDialogs.value) return;
    const name = event.dataTransfer?.files[0]?.name ?? 'the file';
    const isModel = /\.onnx$/i.test(name) || model.value === null;
    trouble({
      message: `A browser does not tell where ${name} lies.`,
      hint: isModel ? 'Press Ctrl O and choose it there, or start Sparseview with its path.' : 'Choose it by its path: Prune with data, then Choose.',
      code: 'drop',
    });
  });
  return () => off.abort();
}
