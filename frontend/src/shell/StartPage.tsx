// The page before a model is open: open one, what this is for, recent models.
import { keyText } from '../commands/command';
import { run } from '../commands/list';
import { openPath } from '../commands/file';
import { bytes, day } from '../lib/numbers';
import { Icon } from '../ui/icon';
import { scaleColours } from '../ui/scale';
import { Tile } from '../ui/tile';
import { nativeDialogs, recent, server } from '../state/session';
import type { ComponentChildren } from 'preact';

export function StartPage() {
  return (
    <main class="page">
      <div class="page-body">
        <h1>Open an ONNX model</h1>
        <p>Large files open at once: their weights are read only when measured.</p>
        <div class="drop">
          <Icon name="drop" />
          <div class="grow">
            <b>{nativeDialogs.value ? 'Drop a model here' : 'Choose a model'}</b>
            <div class="muted">{nativeDialogs.value ? 'an .onnx file' : 'an .onnx file on the computer where Sparseview runs'}</div>
          </div>
          <button type="button" class="btn primary" onClick={() => run('file.open')}><Icon name="folder" />Open… <span class="key">{keyText('Mod+O')}</span></button>
        </div>
        <Deed picture={<Grid />} title="See it">Every layer coloured by its share of zeros, with the structure of those zeros.</Deed>
        <Deed picture={<Claim />} title="Check it">What the file declares beside what its weights are.</Deed>
        <Deed picture={<Change />} title="Change it">Prune with a preview, save a model that differs only there.</Deed>
        <RecentList />
      </div>
    </main>
  );
}

function Deed({ picture, title, children }: { picture: ComponentChildren; title: string; children: ComponentChildren }) {
  return <div class="deed">{picture}<div><b>{title}</b><div class="soft">{children}</div></div></div>;
}

const SHARES = [0.2, 0.5, 0.62, 0.7, 0.45, 0.8, 0.9, 0.75, 0.6, 0.85, 0.97, 0.4];

function Grid() {
  return (
    <svg class="pic" viewBox="0 0 64 48" aria-hidden="true">
      {SHARES.map((share, at) => (
        <rect key={at} x={4 + (at % 4) * 14} y={4 + Math.floor(at / 4) * 14} width="12" height="12" rx="2" fill={scaleColours(share).background} />
      ))}
    </svg>
  );
}

function Claim() {
  return (
    <svg class="pic" viewBox="0 0 64 48" aria-hidden="true">
      <g transform="translate(7 5) scale(3)" style={{ color: 'var(--ink-2)' }}><path d="M0 1h2v10H0zM3 1h2v10H3zM6 9h2v2H6zM9 9h2v2H9z" fill="currentColor" /></g>
      <circle cx="46" cy="35" r="9" fill="var(--alert)" />
      <g transform="translate(41 30) scale(.83)" stroke="var(--surface)" fill="none" stroke-width="1.6"><path d="M1.5 4.3h9M1.5 7.7h9M8.3 1.2 3.7 10.8" /></g>
    </svg>
  );
}

function Change() {
  return (
    <svg class="pic" viewBox="0 0 64 48" aria-hidden="true">
      <rect x="4.5" y="6.5" width="23" height="34" rx="3" fill="var(--surface)" stroke="var(--ink-2)" />
      <path d="M31 23.5h6m-3-3 3 3-3 3" fill="none" stroke="var(--ink-3)" stroke-width="1.5" />
      <rect x="40" y="6" width="20" height="35" rx="3" fill={scaleColours(0.6).background} />
    </svg>
  );
}

function RecentList() {
  const list = recent.value.slice(0, 9);
  const demo = server.value?.demo ?? false;
  if (list.length === 0 && !demo) return null;
  const now = new Date();
  return (
    <section>
      <div class="page-head">
        <span class="grow">{list.length > 0 ? 'Recent' : ''}</span>
        {demo && <button type="button" class="link" onClick={() => run('file.demo')}>Open the demo model</button>}
      </div>
      {list.length > 0 && (
        <ol class="recent">
          {list.map((one, at) => (
            <li key={one.path}>
              <button type="button" title={one.path} onClick={() => void openPath(one.path)}>
                <kbd>{keyText(`Mod+${at + 1}`)}</kbd>
                <span class="grow"><span class="strong clip" style={{ display: 'block' }}>{one.name}</span><span class="muted clip" style={{ display: 'block' }}>{one.folder}</span></span>
                {one.sparsity === null ? <span class="tile tile-unmeasured" title="not measured yet">–</span> : <Tile sparsity={one.sparsity} format={null} />}
                <span class="num soft">{bytes(one.bytes)}</span>
                <span class="num muted">{day(one.opened, now)}</span>
              </button>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
