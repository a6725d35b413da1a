// The calm page after a file failed to open and no other model is there: what happened, what to do.
import { run } from '../commands/list';
import { copyText } from '../ui/clipboard';
import { Icon } from '../ui/icon';
import { problem, server } from '../state/session';
import { toast } from '../state/toasts';
import { Toasts } from './Toasts';

const TITLES: Record<string, string> = {
  missing: 'There is no such file',
  empty: 'This file is empty',
  truncated: 'This file ends too early',
  'not-onnx': 'This is not an ONNX model',
  gone: 'Sparseview does not answer',
};

export function ErrorPage() {
  const told = problem.value!;
  const copy = async () => {
    const details = `${told.message}\n${told.hint}\ncode: ${told.code}\nSparseview ${server.value?.version ?? ''}`;
    if (await copyText(details)) toast('Copied the details');
  };
  return (
    <main class="page">
      <div class="page-body">
        <div class="card" role="alert">
          <div class="card-top">
            <span class="card-badge"><Icon name="warn" /></span>
            <div>
              <h1>{TITLES[told.code] ?? 'This file cannot be opened'}</h1>
              <p class="sub">{told.message}</p>
              {told.hint !== '' && <p class="sub">{told.hint}</p>}
            </div>
          </div>
          <div class="card-actions">
            <button type="button" class="btn primary" onClick={() => run('file.open')}>Choose another file…</button>
            <span class="grow" />
            <button type="button" class="btn plain" onClick={() => void copy()}><Icon name="copy" />Copy details</button>
          </div>
        </div>
        <p class="muted" style={{ margin: '10px 2px 0' }}>Nothing was changed or written.</p>
      </div>
      <Toasts />
    </main>
  );
}
