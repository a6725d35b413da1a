// Opening, saving and closing models.
import { api, ApiError } from '../api/client';
import { pruneApi, type SaveWish } from '../api/prune';
import { plural } from '../lib/numbers';
import { editedLayers } from '../state/weights';
import { model, recent, server, unsaved } from '../state/session';
import { toast, trouble } from '../state/toasts';
import { ask, askSave, type SaveChoice } from '../state/view';
import type { Command } from './command';
import { fileToOpen, fileToSave } from './dialogs';
import { told, writeFile } from './told';

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

async function chooseFile(): Promise<void> {
  const chosen = await fileToOpen('model');
  if (typeof chosen === 'string') await openPath(chosen);
}

async function openDemo(): Promise<void> {
  if (await mayLeave()) await told(api.demo(true));
}

/** Ctrl+S: over the source, after asking, or to a new file, stored as chosen. True when a file was written. */
export async function save(): Promise<boolean> {
  const open = model.value;
  if (open === null) return false;
  const choice = await askSave(open.saveable);
  if (choice === null) return false;
  return choice.where === 'over' ? write({ path: null, overwrite: true, ...storing(choice) }) : saveAs(choice);
}

/** To a new file, stored as the tensors are now unless something else was chosen. */
export async function saveAs(choice: SaveChoice = { where: 'other' }): Promise<boolean> {
  const open = model.value;
  if (open === null) return false;
  const where = await fileToSave('model', 'Save as', suggestion(open.path));
  return where !== null && write({ ...where, ...storing(choice) });
}

function storing(choice: SaveChoice): Pick<SaveWish, 'store' | 'force'> {
  return { ...(choice.store ? { store: choice.store } : {}), ...(choice.force ? { force: true } : {}) };
}

export function suggestion(path: string): string {
  return path.replace(/(\.sparse)?(\.onnx)?$/i, '.sparse.onnx');
}

async function write(wish: SaveWish): Promise<boolean> {
  const saved = await writeFile((overwrite) => pruneApi.save({ ...wish, overwrite }), wish.overwrite);
  if (saved === null) return false;
  const parts = [
    `Saved ${saved.path}`,
    saved.sparse ? `${plural(saved.sparse, 'tensor')} stored sparse` : '',
    saved.unreferenced?.length ? `${saved.unreferenced.join(', ')} no longer used by it` : '',
  ];
  toast(parts.filter(Boolean).join(', '));
  return true;
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
    label: () => `Open ${recent.value[at]?.name ?? ''}`,
    hotkeys: [`Mod+${at + 1}`],
    when: () => recent.value[at] !== undefined,
    run: () => openPath(recent.value[at]!.path),
  })),
];
