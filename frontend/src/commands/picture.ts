// The picture of the graph as a file, and the page on the whole screen.
import { api, ApiError, sendBytes } from '../api/client';
import type { Painted } from '../api/schema';
import { bytes } from '../lib/numbers';
import { graph } from '../state/graph';
import { model, nativeDialogs } from '../state/session';
import { toast, trouble } from '../state/toasts';
import { dialog } from '../state/view';
import type { Command } from './command';
import { beside, fileToSave } from './dialogs';
import { told, writeFile } from './told';

export type PictureKind = 'png' | 'svg';

const TYPES: Record<PictureKind, string> = { png: 'image/png', svg: 'image/svg+xml' };

/** Paints a picture and writes it; what went wrong is told. True when it is written. */
export async function exportPicture(kind: PictureKind, paint: () => Promise<Blob | null>): Promise<boolean> {
  let data: Blob | null;
  try {
    data = await paint();
  } catch (error) {
    trouble({ message: 'The picture could not be painted.', hint: String(error), code: 'picture' });
    return false;
  }
  if (data === null) {
    // A canvas has a largest size, which differs between browsers.
    trouble({ message: `The browser could not make so large a ${kind.toUpperCase()}.`, hint: 'Take SVG, or only what is on screen.', code: 'picture' });
    return false;
  }
  return savePicture(kind, data);
}

/** Writes a picture where the user says: in the window by its dialog, in a browser as a download. True when it was. */
export async function savePicture(kind: PictureKind, data: Blob): Promise<boolean> {
  const path = beside(model.value!.path, `.${kind}`);
  if (!nativeDialogs.value) {
    download(data, path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1));
    return true;
  }
  const where = await fileToSave(kind, 'Export picture', path);
  if (where === null) return false;
  const done = await writeFile((overwrite) => sendBytes<Painted>(
    `/api/picture?path=${encodeURIComponent(where.path)}${overwrite ? '&overwrite=1' : ''}`, data, TYPES[kind],
  ), where.overwrite);
  if (done !== null) toast(`Wrote ${done.path}, ${bytes(done.bytes)}`);
  return done !== null;
}

function download(data: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(data);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** The window's own full screen, or the browser's. */
async function fullScreen(): Promise<void> {
  if (nativeDialogs.value) await told(api.fullScreen());
  else if (document.fullscreenElement) await document.exitFullscreen();
  else await document.documentElement.requestFullscreen().catch(() => { throw new ApiError({ message: 'The browser allows no full screen here.', hint: '', code: 'full-screen' }, 0); });
}

const hasGraph = () => graph.value !== null && model.value !== null;

function exportCommand(kind: PictureKind, hotkey: string): Command {
  return {
    id: `file.export-${kind}`, group: 'File', label: `Export picture as ${kind.toUpperCase()}…`, hotkeys: [hotkey], when: hasGraph,
    run: () => {
      dialog.value = { kind: 'picture', file: kind };
    },
  };
}

export const PICTURE_COMMANDS: readonly Command[] = [
  exportCommand('png', 'Mod+Shift+E'),
  exportCommand('svg', 'Mod+Alt+E'),
  { id: 'view.full-screen', group: 'View', label: 'Full screen', hotkeys: ['F11'], run: async () => void (await told(fullScreen())) },
];
