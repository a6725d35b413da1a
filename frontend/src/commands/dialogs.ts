// Asks for files: by the system's own dialogs in the window, by the page's everywhere else.
import { api } from '../api/client';
import { nativeDialogs } from '../state/session';
import { askFile, askPath, type FileKind } from '../state/view';
import { told } from './told';

const TITLES: Record<'model' | 'recipe' | 'tokenizer', string> = { model: 'Open a model', recipe: 'Replay a recipe', tokenizer: 'Choose the tokenizer.json' };

/** What will be in a file that is written. */
const ABOUT: Partial<Record<FileKind, string>> = {
  model: 'Weights in external data go beside it.',
  recipe: 'JSON with every edit: replayed on the same source it gives the same model.',
  masks: 'An .npz with a bool array for each weight tensor, by its name and in its shape: true where it is not zero.',
};

/** A file where Sparseview runs, by its path, or one of the browser's computer; null: none was chosen. */
export async function fileToOpen(kind: 'model' | 'recipe' | 'tokenizer'): Promise<string | File | null> {
  if (!nativeDialogs.value) return askFile(kind, TITLES[kind]);
  return (await told(api.openDialog(kind)))?.path ?? null;
}

/** The model's path with another ending: what is suggested for a file that belongs to it. */
export function beside(path: string, ending: string): string {
  return `${path.replace(/\.onnx$/i, '')}${ending}`;
}

/** Where a new file goes; `overwrite`: the user agreed to replace what is there. */
export async function fileToSave(kind: FileKind, title: string, suggested: string): Promise<{ path: string; overwrite: boolean } | null> {
  if (!nativeDialogs.value) {
    const path = await askPath(suggested, title, ABOUT[kind] ?? '');
    return path === null ? null : { path, overwrite: false };
  }
  const answer = await told(api.saveDialog(kind));
  return answer?.path ? { path: answer.path, overwrite: answer.replace } : null;
}
