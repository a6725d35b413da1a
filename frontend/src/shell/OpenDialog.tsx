// Chooses a file on the computer where Sparseview runs, where no native dialog can.
import { useEffect, useState } from 'preact/hooks';
import { api, ApiError } from '../api/client';
import type { Listing, Problem } from '../api/schema';
import { bytes } from '../lib/numbers';
import { Icon } from '../ui/icon';
import { Modal } from '../ui/modal';
import { Middle } from '../ui/text';
import type { OpenKind } from '../state/view';

const NONE: Record<OpenKind, string> = {
  model: 'No folder and no .onnx file here.', recipe: 'No folder, no recipe (.json) and no .onnx file here.',
  data: 'No folder and no file of arrays or text here.', tokenizer: 'No folder and no .json file here.',
};
const ENDINGS: Record<OpenKind, RegExp> = { model: /\.onnx$/i, recipe: /\.(json|onnx)$/i, data: /\.(npz|npy|txt|tsv|jsonl)$|^synthetic(:\d+)?$/i, tokenizer: /\.json$/i };

export function OpenDialog({ kind, title, answer }: { kind: OpenKind; title: string; answer: (chosen: string | File | null) => void }) {
  const [listing, setListing] = useState<Listing | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [typed, setTyped] = useState('');

  const show = async (dir: string | null) => {
    try {
      const found = await api.files(dir, kind);
      setListing(found);
      setTyped(found.dir);
      setProblem(null);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setProblem(error.problem);
    }
  };
  useEffect(() => void show(null), []);

  const submit = (event: Event) => {
    event.preventDefault();
    if (ENDINGS[kind].test(typed.trim())) answer(typed.trim());
    else void show(typed.trim());
  };
  const upload = (file: File | undefined) => {
    if (file) answer(file);
  };

  return (
    <Modal title={title} wide onClose={() => answer(null)}>
      <h2>{title}</h2>
      {kind === 'recipe' && <p>Its edits are made one after the other and undone as one. What another source was pruned by is only replayed when you say so. A model that Sparseview saved carries its recipe.</p>}
      <form class="row" onSubmit={submit}>
        <input class="text-field mono" value={typed} aria-label="Folder or file" spellcheck={false} autofocus onInput={(event) => setTyped(event.currentTarget.value)} />
        <button type="submit" class="btn">Go</button>
      </form>
      {kind === 'data' && <p>A file of arrays or lines of text, or a folder of arrays, of pictures, or of ONNX test data.</p>}
      {problem && <div class="note warn"><Icon name="warn" /><span>{problem.message} {problem.hint}</span></div>}
      <div class="files" role="listbox" aria-label="Files">
        {listing?.parent && <Line icon="up" name="the folder above" onClick={() => void show(listing.parent)} />}
        {listing?.entries.map((entry) => (
          <Line key={entry.path} icon={entry.folder ? 'folder' : 'file'} name={entry.name} size={entry.folder ? '' : bytes(entry.bytes)}
            onClick={() => (entry.folder ? void show(entry.path) : answer(entry.path))} />
        ))}
        {listing?.entries.length === 0 && <div class="hits-note">{NONE[kind]}</div>}
      </div>
      <div class="modal-actions">
        {kind === 'recipe' && (
          <label class="btn">A file of this computer…<input class="offscreen" type="file" accept=".json,application/json" aria-label="Recipe file" onChange={(event) => upload(event.currentTarget.files?.[0])} /></label>
        )}
        <span class="grow" />
        <button type="button" class="btn" onClick={() => answer(null)}>Cancel</button>
        {kind === 'data' && <button type="button" class="btn primary" disabled={listing === null} onClick={() => answer(listing!.dir)}>Use this folder</button>}
      </div>
    </Modal>
  );
}

function Line({ icon, name, size = '', onClick }: { icon: 'up' | 'folder' | 'file'; name: string; size?: string; onClick: () => void }) {
  return (
    <button type="button" class="file-entry" role="option" onClick={onClick}>
      <Icon name={icon} /><Middle text={name} mono={false} /><span class="num muted">{size}</span>
    </button>
  );
}
