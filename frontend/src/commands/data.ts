// Data: choosing them, pruning by them, looking at what they tell.
import { batch } from '@preact/signals';
import { dataApi } from '../api/data';
import type { DataRequest } from '../api/schema';
import { plural } from '../lib/numbers';
import { data, dataProblem, refusedRequest, useData } from '../state/data';
import { applying, everyWeight, form, goesByData, isDriven, loadMethods, methods, targets } from '../state/prune';
import { select, selected } from '../state/selection';
import { history, model, nativeDialogs } from '../state/session';
import { toast, trouble } from '../state/toasts';
import { askFile, side } from '../state/view';
import type { Command } from './command';
import { fileToOpen } from './dialogs';
import { openPruneForm } from './edit';
import { told } from './told';

/** Samples where nobody has any: enough for a calibration to mean something. */
const SYNTHETIC = 'synthetic:64';

/** Whether a panel is open that shows the data in use, and why others were refused. */
function inSight(): boolean {
  return side.value === 'sensitivity' || (side.value === 'prune' && goesByData(form.value));
}

/** Uses data, on what ran those before; what came of it is told where the user looks. True when they are used now. */
export async function takeData(request: DataRequest): Promise<boolean> {
  const provider = request.path === null ? undefined : data.value?.provider;
  const found = await useData(provider === undefined ? request : { provider, ...request });
  if (found === null) {
    if (!inSight() && dataProblem.value !== null) trouble(dataProblem.value);
    return false;
  }
  if (!inSight() && found.data !== null) {
    toast(`${plural(found.data.samples, 'sample')} of ${found.data.source}`, { label: 'Prune with data', run: () => void pruneWithData() });
  }
  return true;
}

/** A path that was dropped on the window. */
export async function dropped(path: string): Promise<void> {
  if (model.value === null) {
    trouble({ message: 'Data belong to a model, and none is open.', hint: 'Open the model first.', code: 'no-model' });
    return;
  }
  await takeData({ path });
}

async function chosen(folder: boolean): Promise<string | null> {
  if (nativeDialogs.value) return (await told(dataApi.dialog(folder)))?.path ?? null;
  const answer = await askFile('data', 'Choose data');
  return typeof answer === 'string' ? answer : null;
}

export async function chooseData(folder = false): Promise<boolean> {
  const path = await chosen(folder);
  return path !== null && takeData({ path });
}

/** Reads the text that was refused with a tokenizer that the user names. */
export async function chooseTokenizer(): Promise<boolean> {
  const request = refusedRequest.value;
  const path = request === null ? null : await fileToOpen('tokenizer');
  return request !== null && typeof path === 'string' && takeData({ ...request, tokenizer: path });
}

export function useSynthetic(): Promise<boolean> {
  return takeData({ path: SYNTHETIC });
}

/** Opens the form with a method that goes by data: the one used last, else the best there is. */
async function pruneWithData(): Promise<void> {
  if (targets.value.length === 0) select(new Set(everyWeight().map((row) => row.node)));
  await told(loadMethods());
  const driven = methods.value?.methods.filter((one) => one.driven) ?? [];
  const last = driven.at(-1);
  if (last === undefined) return;
  batch(() => openPruneForm(isDriven(form.value.method) ? {} : { method: last.name, params: {}, criterion: 'amount' }));
}

const hasModel = () => model.value !== null;
/** Of the selected layers, else of all. */
const canPrune = () => (selected.value.size === 0 ? everyWeight() : targets.value).length > 0 && !applying.value;

export const DATA_COMMANDS: readonly Command[] = [
  {
    id: 'prune.data', group: 'Prune', label: 'Prune with data…', hotkeys: ['Shift+P'], icon: { icon: 'data' }, when: canPrune,
    run: pruneWithData,
  },
  { id: 'data.choose', group: 'File', label: 'Choose data…', when: hasModel, icon: { icon: 'data' }, run: async () => void (await chooseData()) },
  {
    id: 'data.folder', group: 'File', label: 'Choose a folder of data…', when: () => hasModel() && nativeDialogs.value,
    run: async () => void (await chooseData(true)),
  },
  { id: 'data.synthetic', group: 'File', label: 'Use synthetic data', when: hasModel, run: async () => void (await useSynthetic()) },
  { id: 'data.none', group: 'File', label: 'Use no data any more', when: () => data.value !== null, run: async () => void (await takeData({ path: null })) },
  {
    id: 'data.effect', group: 'View', label: 'What the edits did', icon: { icon: 'effect' },
    when: () => data.value !== null && history.value.position > 0, checked: () => side.value === 'effect',
    run: () => {
      side.value = side.value === 'effect' ? 'none' : 'effect';
    },
  },
];
