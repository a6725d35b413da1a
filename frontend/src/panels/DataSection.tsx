// The data in the prune form: where to drop or choose them, what was read, how it is shared out and fed.
import { useEffect, useState } from 'preact/hooks';
import { chooseData, chooseTokenizer, takeData, useSynthetic } from '../commands/data';
import { count, plural } from '../lib/numbers';
import { typedNumber } from '../lib/typed';
import { data, dataProblem, learnWanted, readAgain, reading, wanted } from '../state/data';
import { model, nativeDialogs } from '../state/session';
import { dragging } from '../state/view';
import { Select } from '../ui/controls';
import { Icon } from '../ui/icon';
import { Middle } from '../ui/text';
import type { DataFacts } from '../api/schema';
import { PictureForm } from './PictureForm';

export function DataSection() {
  const used = data.value;
  const serial = model.value?.serial;
  useEffect(() => void learnWanted(), [serial]);
  const problem = dataProblem.value;
  return (
    <>
      {used === null ? <DropZone /> : <Used facts={used} />}
      {problem && <div class="note warn data-problem" role="alert"><Icon name="warn" /><span>{problem.message} <span class="soft">{problem.hint}</span>
        {problem.code === 'tokenizer' && <><br /><button type="button" class="link" onClick={() => void chooseTokenizer()}>Choose the tokenizer.json…</button></>}</span></div>}
    </>
  );
}

function DropZone() {
  const inputs = wanted.value?.wants ?? [];
  const busy = reading.value;
  return (
    <div class={`data-drop${dragging.value ? ' over' : ''}`}>
      <Icon name="drop" />
      <div>
        <b>{busy ? 'Reading the data…' : nativeDialogs.value ? 'Drop data for calibration here' : 'Data for calibration'}</b>
        <p class="soft">Some samples of what the model is fed: {inputs.length === 0 ? '…' : inputs.map((one, at) => (
          <span key={one.name}>{at > 0 && ', '}<span class="mono">{one.name}</span> {one.wants}</span>
        ))}</p>
        <p class="muted">.npz, .npy, lines of text; a folder of arrays, of pictures, or of ONNX test data. Nothing leaves this computer.</p>
        <Choices />
      </div>
    </div>
  );
}

function Choices({ none = false }: { none?: boolean }) {
  const busy = reading.value;
  return (
    <div class="data-choices">
      <button type="button" class="btn small" disabled={busy} onClick={() => void chooseData()}>{nativeDialogs.value ? 'File…' : 'Choose…'}</button>
      {nativeDialogs.value && <button type="button" class="btn small" disabled={busy} onClick={() => void chooseData(true)}>Folder…</button>}
      <button type="button" class="btn small" disabled={busy} title="Made-up inputs: enough to try a method, not to judge a model" onClick={() => void useSynthetic()}>Synthetic</button>
      {none && <button type="button" class="btn small" disabled={busy} onClick={() => void takeData({ path: null })}>Use none</button>}
    </div>
  );
}

function Used({ facts }: { facts: DataFacts }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <div class="field"><span>Data</span>
        <span class="data-used">
          <Icon name="data" /><span class="grow clip" title={facts.path}><b>{facts.source}</b></span>
          {facts.synthetic && <span class="tag-warn">synthetic</span>}
          <button type="button" class="link" aria-expanded={open} onClick={() => setOpen(!open)}>{open ? 'Close' : 'Change'}</button>
        </span>
      </div>
      <div class="field slim"><span /><span class="soft">{shared(facts)}</span></div>
      {facts.held_out === 0 && <div class="note warn data-problem"><Icon name="warn" /><span>Of a single sample nothing is held out: what a prune did cannot be judged.</span></div>}
      {open && <Details facts={facts} />}
    </>
  );
}

/** "320 of 400 samples calibrate, 80 judge the result; 10 classes". */
export function shared({ samples, calibration, held_out: held, classes }: DataFacts): string {
  const parts = held === 0 ? `${plural(samples, 'sample')} calibrate${samples === 1 ? 's' : ''}` : `${count(calibration)} of ${plural(samples, 'sample')} calibrate, ${count(held)} judge`;
  return classes === null ? parts : `${parts}; ${plural(classes, 'class', 'classes')}`;
}

function Details({ facts }: { facts: DataFacts }) {
  return (
    <div class="data-details">
      {facts.inputs.map((one) => (
        <div class="fed" key={one.name}><Middle text={one.name} /><span>{one.wants}{one.gives !== one.wants && <span class="muted"> fed {one.gives}</span>}</span></div>
      ))}
      {facts.notes.filter((note) => facts.pictures === null || !/\bpictures: /.test(note)).map((note) => <p class="soft" key={note}>{note}</p>)}
      {facts.fixed !== null && facts.fixed > 1 && <p class="soft">The model takes {count(facts.fixed)} samples at a time.</p>}
      {facts.samples > 1 && <Shares facts={facts} />}
      <Provider facts={facts} />
      {facts.pictures && <PictureForm key={JSON.stringify(facts.pictures)} facts={facts} pictures={facts.pictures} />}
      <Choices none />
    </div>
  );
}

/** What runs the model on the data, where there is a choice. */
function Provider({ facts }: { facts: DataFacts }) {
  const choices = wanted.value?.providers ?? [];
  if (choices.length < 2) return null;
  return (
    <div class="data-share">
      <span>Runs on</span>
      <Select label="What runs the model" value={facts.provider} choices={choices.map((value) => ({ value, label: value }))}
        onChange={(provider) => void takeData(readAgain(facts, { provider }))} />
      <span class="soft">of ONNX Runtime</span>
    </div>
  );
}

/** How many samples calibrate; the others judge. */
function Shares({ facts }: { facts: DataFacts }) {
  const most = facts.samples - 1;
  const take = (text: string) => {
    const value = typedNumber(text);
    if (value === null) return;
    const part = Math.min(most, Math.max(1, Math.round(value)));
    if (part !== facts.calibration) void takeData(readAgain(facts, { calibration: part }));
  };
  return (
    <label class="data-share">
      <span>Calibrate on</span>
      <input class="text-field num" type="number" min="1" max={most} value={facts.calibration} disabled={reading.value} aria-label="Samples that calibrate"
        onChange={(event) => take(event.currentTarget.value)} />
      <span class="soft">samples; {count(facts.held_out)} are held out to judge</span>
    </label>
  );
}
