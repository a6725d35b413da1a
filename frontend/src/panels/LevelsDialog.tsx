// The table of levels as text: to edit, to paste from a spreadsheet, to read from a file, to copy.
import { useState } from 'preact/hooks';
import { plural } from '../lib/numbers';
import { layersOf, readTable, setLevels, writeTable } from '../state/levels';
import { form, targets } from '../state/prune';
import { toast } from '../state/toasts';
import { dialog } from '../state/view';
import { copyText } from '../ui/clipboard';
import { Icon } from '../ui/icon';
import { Modal } from '../ui/modal';

const close = () => {
  dialog.value = null;
};
const TOLD = 4;

export function LevelsDialog() {
  const layers = layersOf(targets.value);
  const [text, setText] = useState(() => writeTable(form.value.levels ?? {}, layers));
  const { levels, problems } = readTable(text, layers);
  const named = Object.keys(levels).length;
  const apply = () => {
    setLevels(levels);
    close();
  };
  const read = async (file: File | undefined) => {
    if (file) setText(await file.text());
  };
  return (
    <Modal title="Table of levels" wide onClose={close}>
      <h2>Table of levels</h2>
      <p>A line for each layer: its name and the share of zeros that it is to come to, as 60% or 0.6. Pasted from a spreadsheet it works too. Layers without a line stay as they are.</p>
      <textarea class="text-field mono levels-text" autofocus spellcheck={false} aria-label="Layers and levels" value={text}
        onInput={(event) => setText(event.currentTarget.value)} />
      <p class="row levels-told" role="status">
        {problems.length > 0 && <span class="warn"><Icon name="warn" /></span>}
        <span class={problems.length > 0 ? '' : 'muted'}>
          {named} of {plural(layers.length, 'layer')} named{layers.length > named && ', the others stay as they are'}.
          {problems.slice(0, TOLD).map((one) => <span class="levels-problem" key={one}>{one}</span>)}
          {problems.length > TOLD && <span class="levels-problem">and {plural(problems.length - TOLD, 'line')} more</span>}
        </span>
      </p>
      <div class="modal-actions">
        <label class="btn">Read a file…<input class="offscreen" type="file" accept=".csv,.tsv,.txt,.json" aria-label="Table file" onChange={(event) => void read(event.currentTarget.files?.[0])} /></label>
        <button type="button" class="btn" onClick={() => void copyText(text).then((done) => done && toast('Copied the table'))}>Copy</button>
        <span class="grow" />
        <button type="button" class="btn" onClick={close}>Cancel</button>
        <button type="button" class="btn primary" disabled={named === 0} onClick={apply}>Take {plural(named, 'level')}</button>
      </div>
    </Modal>
  );
}
