// Opening, saving and closing models.
import { api, ApiError } from '../api/client';
import { plural } from '../lib/numbers';
import { editedLayers } from '../state/weights';
import { model, nativeDialogs, recent, server, unsaved } from '../state/session';
import { toast, trouble } from '../state/toasts';
import { ask, askPath, dialog } from '../state/view';
import type { Command } from './command';

/** Runs a request and tells a refusal as a toast; null when it was refused. */
export async function told<T>(request: Promise<T>): Promise<T | null> {
  try {
    return await request;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    trouble(error.problem);
    return null;
  }
}

/** True when nothing would be lost, or the user lets it go. */
async function mayLeave(): Promise<boolean> {
  const open = model.value;
  if (open === null || !unsaved.value) return true;
  const choice = await ask({
    title: `Save the changes in ${open.name}?`,
    text: `${plural(editedLayers.value, 'layer')} changed since the last save.`,
    yes: 'Save', other: 'Don’t save',
  });
  if (choice === 'yes') return save();
  return choice === 'other';
}

export async function openPath(path: string): Promise<void> {
  if (!(await mayLeave())) return;
  try {
    await api.open(path, true);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    // Without a model the page itself tells what went wrong: the state event brings the problem.
    if (model.value !== null) trouble(error.problem);
  }
}

/** The window is to close: what is unsaved is asked about first. */
export async function closeWindow(): Promise<void> {
  if (await mayLeave()) await told(api.close(true, true));
}

export async function chooseFile(): Promise<void> {
  if (!nativeDialogs.value) {
    dialog.value = { kind: 'open' };
    return;
  }
  const answer = await told(api.openDialog());
  if (answer?.path) await openPath(answer.path);
}

export async function openDemo(): Promise<void> {
  if (await mayLeave()) await told(api.demo(true));
}

/** Ctrl+S: over the source, after asking, or to a new file. True when a file was written. */
export async function save(): Promise<boolean> {
  const open = model.value;
  if (open === null) return false;
  if (!open.saveable) return saveAs();
  const choice = await ask({
    title: `Save over ${open.name}?`,
    text: `The file in ${open.folder} is replaced in one step. Annotations are written as measured; `
      + 'whatever you did not change stays byte for byte.',
    yes: 'Save over it', other: 'Save as…',
  });
  if (choice === 'other') return saveAs();
  return choice === 'yes' ? write(null, true) : false;
}

export async function saveAs(): Promise<boolean> {
  const open = model.value;
  if (open === null) return false;
  if (!nativeDialogs.value) {
    const path = await askPath(suggestion(open.path));
    return path === null ? false : write(path, false);
  }
  const answer = await told(api.saveDialog());
  // The system's own dialog has asked about an existing file.
  return answer?.path ? write(answer.path, true) : false;
}

export function suggestion(path: string): string {
  return path.replace(/(\.sparse)?(\.onnx)?$/i, '.sparse.onnx');
}

async function write(path: string | null, overwrite: boolean): Promise<boolean> {
  try {
    const saved = await api.save(path, overwrite);
    toast(`Saved ${saved.path}`);
    return true;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.code !== 'exists') {
      trouble(error.problem);
      return false;
    }
    const choice = await ask({ title: 'Replace the file?', text: error.message, yes: 'Replace it', danger: true });
    return choice === 'yes' ? write(path, true) : false;
  }
}

const hasModel = () => model.value !== null;

export const FILE_COMMANDS: readonly Command[] = [
  { id: 'file.open', group: 'File', label: 'Open…', hotkeys: ['Mod+O'], icon: { icon: 'folder' }, run: chooseFile },
  {
    id: 'file.reload', group: 'File', label: 'Reload from disk', hotkeys: ['F5', 'Mod+R'], when: hasModel,
    run: () => openPath(model.value!.path),
  },
  { id: 'file.save', group: 'File', label: 'Save…', hotkeys: ['Mod+S'], when: hasModel, run: async () => void (await save()) },
  {
    id: 'file.save-as', group: 'File', label: 'Save as…', hotkeys: ['Mod+Shift+S'], when: hasModel,
    run: async () => void (await saveAs()),
  },
  {
    id: 'file.close', group: 'File', label: 'Close model', hotkeys: ['Mod+W'], when: hasModel,
    run: async () => {
      if (await mayLeave()) await told(api.close(true));
    },
  },
  {
    id: 'file.demo', group: 'File', label: 'Open the demo model', when: () => server.value?.demo ?? false, run: openDemo,
  },
  ...Array.from({ length: 9 }, (_, at): Command => ({
    id: `file.recent.${at + 1}`,
    group: 'File',
    label: () => recent.value[at]?.name ?? '',
    hotkeys: [`Mod+${at + 1}`],
    when: () => recent.value[at] !== undefined,
    run: () => openPath(recent.value[at]!.path),
  })),
];
