// Chooses a model on the computer where Sparseview runs, where no native dialog can.
import { useEffect, useState } from 'preact/hooks';
import { api, ApiError } from '../api/client';
import type { Listing, Problem } from '../api/schema';
import { openPath } from '../commands/file';
import { bytes } from '../lib/numbers';
import { Icon } from '../ui/icon';
import { Modal } from '../ui/modal';
import { Middle } from '../ui/text';
import { dialog } from '../state/view';

export function OpenDialog() {
  const [listing, setListing] = useState<Listing | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [typed, setTyped] = useState('');

  const show = async (dir: string | null) => {
    try {
      const answer = await api.files(dir);
      setListing(answer);
      setTyped(answer.dir);
      setProblem(null);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setProblem(error.problem);
    }
  };
  useEffect(() => void show(null), []);

  const choose = (path: string) => {
    dialog.value = null;
    void openPath(path);
  };
  const submit = (event: Event) => {
    event.preventDefault();
    if (/\.onnx$/i.test(typed.trim())) choose(typed.trim());
    else void show(typed.trim());
  };
  const close = () => {
    dialog.value = null;
  };

  return (
    <Modal title="Open a model" wide onClose={close}>
      <h2>Open a model</h2>
      <form class="row" onSubmit={submit}>
        <input class="text-field mono" value={typed} aria-label="Folder or file" spellcheck={false} autofocus onInput={(event) => setTyped(event.currentTarget.value)} />
        <button type="submit" class="btn">Go</button>
      </form>
      {problem && <div class="note warn"><Icon name="warn" /><span>{problem.message} {problem.hint}</span></div>}
      <div class="files" role="listbox" aria-label="Files">
        {listing?.parent && <Line icon="up" name="the folder above" onClick={() => void show(listing.parent)} />}
        {listing?.entries.map((entry) => (
          <Line key={entry.path} icon={entry.folder ? 'folder' : 'file'} name={entry.name} size={entry.folder ? '' : bytes(entry.bytes)}
            onClick={() => (entry.folder ? void show(entry.path) : choose(entry.path))} />
        ))}
        {listing?.entries.length === 0 && <div class="hits-note">No folder and no .onnx file here.</div>}
      </div>
      <div class="modal-actions"><button type="button" class="btn" onClick={close}>Cancel</button></div>
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
