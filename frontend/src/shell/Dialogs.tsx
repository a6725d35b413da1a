// The dialogs: a question, where to save, a file to open, every command, keys and gestures.
import { useEffect, useRef, useState } from 'preact/hooks';
import { keyText, labelOf, shownKey, type Command, type Group } from '../commands/command';
import { COMMANDS } from '../commands/list';
import { MaskDialog } from '../panels/MaskDialog';
import { LevelsDialog } from '../panels/LevelsDialog';
import { RecipeDialog } from '../panels/RecipeDialog';
import { SaveDialog } from '../panels/SaveDialog';
import { Icon } from '../ui/icon';
import { Modal } from '../ui/modal';
import { moved } from '../ui/pointer';
import { dialog, type Question } from '../state/view';
import { OpenDialog } from './OpenDialog';
import { PictureDialog } from './PictureDialog';
import { palette } from './Popups';

export function Dialogs() {
  const open = dialog.value;
  switch (open?.kind) {
    case 'ask': return <Ask question={open.question} />;
    case 'save': return <SaveDialog over={open.over} answer={open.answer} />;
    case 'save-as': return <SaveAs title={open.title} path={open.path} about={open.about} answer={open.answer} />;
    case 'recipe': return <RecipeDialog />;
    case 'levels': return <LevelsDialog />;
    case 'picture': return <PictureDialog file={open.file} />;
    case 'open': return <OpenDialog kind={open.file} title={open.title} answer={open.answer} />;
    case 'palette': return <Palette />;
    case 'mask': return <MaskDialog />;
    case 'shortcuts': return <Shortcuts />;
    default: return null;
  }
}

const close = () => {
  dialog.value = null;
};

function Ask({ question }: { question: Question }) {
  return (
    <Modal title={question.title} onClose={() => question.answer('no')}>
      <h2>{question.title}</h2>
      <p>{question.text}</p>
      <div class="modal-actions">
        <button type="button" class="btn" autofocus={question.danger ?? false} onClick={() => question.answer('no')}>Cancel</button>
        {question.other && <button type="button" class="btn" onClick={() => question.answer('other')}>{question.other}</button>}
        <button type="button" class={`btn ${question.danger ? 'danger' : 'primary'}`} autofocus={!question.danger} onClick={() => question.answer('yes')}>{question.yes}</button>
      </div>
    </Modal>
  );
}

function SaveAs({ title, path, about, answer }: { title: string; path: string; about: string; answer: (path: string | null) => void }) {
  const [typed, setTyped] = useState(path);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const own = field.current!;
    own.focus();
    // The name without folder and ending: what people change.
    own.setSelectionRange(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1, path.replace(/(\.recipe|\.masks)?\.\w+$/i, '').length);
  }, [path]);
  const good = typed.trim() !== '';
  return (
    <Modal title={title} wide onClose={() => answer(null)}>
      <h2>{title}</h2>
      <form onSubmit={(event) => { event.preventDefault(); if (good) answer(typed.trim()); }}>
        <input class="text-field mono" ref={field} value={typed} aria-label="Path of the new file" spellcheck={false} onInput={(event) => setTyped(event.currentTarget.value)} />
        <p class="muted" style={{ fontSize: 'var(--text-s)', margin: '6px 0 0' }}>{about !== '' && <>{about}<br /></>}A path on the computer where Sparseview runs.</p>
        <div class="modal-actions">
          <button type="button" class="btn" onClick={() => answer(null)}>Cancel</button>
          <button type="submit" class="btn primary" disabled={!good}>Save</button>
        </div>
      </form>
    </Modal>
  );
}

function Palette() {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = palette().filter((one) => {
    // Files that were open are found by their name; they would push everything else out of sight.
    if (words.length === 0 && one.id.startsWith('file.recent.')) return false;
    const name = `${one.group} ${labelOf(one)}`.toLowerCase();
    return words.every((word) => name.includes(word));
  });
  useEffect(() => {
    list.current?.querySelector('.on')?.scrollIntoView({ block: 'nearest' });
  }, [at]);
  const run = (index: number) => {
    close();
    void found[index]?.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setAt(Math.min(found.length - 1, at + 1));
    else if (event.key === 'ArrowUp') setAt(Math.max(0, at - 1));
    else if (event.key === 'Enter') run(at);
    else return;
    event.preventDefault();
  };
  return (
    <Modal title="Every command" wide onClose={close}>
      <input class="text-field" autofocus value={text} placeholder="What do you want to do?" aria-label="Command" onKeyDown={onKeyDown}
        role="combobox" aria-expanded="true" aria-controls="commands" aria-activedescendant={found.length > 0 ? `command-${at}` : undefined}
        onInput={(event) => { setText(event.currentTarget.value); setAt(0); }} />
      <div class="palette" id="commands" role="listbox" ref={list}>
        {found.map((one, index) => (
          <div key={one.id} id={`command-${index}`} class={`menu-item${index === at ? ' on' : ''}`} role="option" aria-selected={index === at}
            onPointerMove={(event) => { if (moved(event)) setAt(index); }} onClick={() => run(index)}>
            <span class="palette-group">{one.group}</span>
            <span class="menu-label">{labelOf(one)}</span>
            {shownKey(one) && <kbd>{shownKey(one)}</kbd>}
          </div>
        ))}
        {found.length === 0 && <div class="hits-note">No command is called that.</div>}
      </div>
    </Modal>
  );
}

const GESTURES: [string, string][] = [
  ['Click', 'select a layer'], ['Shift click', 'add to the selection'], ['Shift drag', 'select in a box'], ['Double-click', 'open the body inside'],
  ['Right-click', 'prune, select similar, copy'], ['Drag', 'move the graph'], ['Wheel', 'scroll, or zoom (Ctrl M)'], ['Ctrl wheel', 'zoom at the pointer'],
];
const GROUPS: Group[] = ['File', 'Edit', 'Prune', 'View', 'Go', 'Help'];

function Shortcuts() {
  const keyed = COMMANDS.filter((one) => one.hotkeys && !one.id.startsWith('file.recent.'));
  return (
    <Modal title="Keys and gestures" wide onClose={close}>
      <div class="modal-head"><h2>Keys and gestures</h2><button type="button" class="btn plain" aria-label="Close" title="Close (Esc)" autofocus onClick={close}><Icon name="close" /></button></div>
      <div class="shortcuts">
        {GROUPS.map((group) => (
          <section key={group}>
            <h3>{group}</h3>
            {keyed.filter((one) => one.group === group).map((one) => (
              <div class="shortcut" key={one.id}><span class="clip">{plainLabel(one)}</span><span>{one.hotkeys!.slice(0, 2).map((key) => <kbd key={key}>{keyText(key)}</kbd>)}</span></div>
            ))}
            {group === 'File' && <div class="shortcut"><span>Open a recent model</span><span><kbd>{keyText('Mod+1')}</kbd> … <kbd>{keyText('Mod+9')}</kbd></span></div>}
          </section>
        ))}
        <section>
          <h3>Mouse</h3>
          {GESTURES.map(([what, does]) => <div class="shortcut" key={what}><span>{does}</span><span><kbd>{what}</kbd></span></div>)}
        </section>
        <section>
          <h3>Search</h3>
          <p class="soft">Words look in names and operators. <span class="mono">op:Conv</span> <span class="mono">format:2:4</span> <span class="mono">sparsity&lt;50%</span> <span class="mono">params&gt;1M</span> <span class="mono">dtype:int8</span> <span class="mono">declared:wrong</span>; <span class="mono">-word</span> excludes.</p>
        </section>
      </div>
    </Modal>
  );
}

/** "Undo: Prune fc to 2:4" -> "Undo": the list tells what keys do in general. */
function plainLabel(command: Command): string {
  const label = labelOf(command);
  return command.group === 'Edit' ? label.split(': ')[0]! : label;
}
