// Before a save: over the file or beside it, and how the weights are stored, with the bytes that it will take.
import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from '../api/client';
import { pruneApi, type Store } from '../api/prune';
import type { Problem, StoreOption, StoreOptions } from '../api/schema';
import { bytes, plural } from '../lib/numbers';
import { model } from '../state/session';
import type { SaveChoice } from '../state/view';
import { Check } from '../ui/check';
import { Icon } from '../ui/icon';
import { Middle } from '../ui/text';
import { Modal } from '../ui/modal';
import { titleOf } from '../state/weights';

type Choice = 'same' | Store;

export function SaveDialog({ over: wanted, answer }: { over: boolean; answer: (choice: SaveChoice | null) => void }) {
  const [stores, setStores] = useState<StoreOptions | null>(null);
  const [changed, setChanged] = useState<Problem | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [choice, setChoice] = useState<Choice>('same');
  const [force, setForce] = useState(false);
  const instead = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const stop = new AbortController();
    const fail = (error: unknown) => {
      if (stop.signal.aborted) return;
      if (!(error instanceof ApiError)) throw error;
      setProblem(error.problem);
    };
    pruneApi.stores(stop.signal).then(setStores, fail);
    if (wanted) pruneApi.ownFile(stop.signal).then(setChanged, fail);
    return () => stop.abort();
  }, []);
  // The button that had the focus is gone.
  useEffect(() => {
    if (changed !== null) instead.current?.focus();
  }, [changed]);
  const open = model.value;
  const over = wanted && changed === null;
  const option = stores?.options.find((one) => one.store === choice);
  const refused = option !== undefined && refusal(option) !== null;
  const give = (where: SaveChoice['where']) => answer({ where, ...(option ? { store: option.store as Store } : {}), ...(refused && force ? { force: true } : {}) });
  return (
    <Modal title={`Save ${open?.name ?? ''}`} kind="modal-save" onClose={() => answer(null)}>
      <h2>{over ? `Save over ${open?.name}?` : `Save ${open?.name}`}</h2>
      <p>{over ? `The file in ${open?.folder} is replaced in one step. ` : ''}Annotations are written as measured; whatever you did not change stays byte for byte.</p>
      {changed && <div class="note warn" role="alert"><Icon name="warn" /><span>{changed.message} {changed.hint}</span></div>}
      <fieldset class="stores">
        <legend>Weights are stored</legend>
        <Way value="same" choice={choice} label="as they are now" remark="" onPick={setChoice} />
        {stores?.options.map((one) => <Way key={one.store} value={one.store as Store} choice={choice} label={one.label} remark={predicted(one)} onPick={setChoice} />)}
        {stores === null && problem === null && <p class="muted">Working out the sizes…</p>}
        {problem && <p class="warn">{problem.message} {problem.hint}</p>}
      </fieldset>
      {option && <Consequence option={option} force={force} onForce={setForce} />}
      <div class="modal-actions">
        <button type="button" class="btn" onClick={() => answer(null)}>Cancel</button>
        <button type="button" class={over ? 'btn' : 'btn primary'} ref={instead} disabled={refused && !force} onClick={() => give('other')}>Save as…</button>
        {over && <button type="button" class="btn primary" autofocus disabled={refused && !force} onClick={() => give('over')}>Save over it</button>}
      </div>
    </Modal>
  );
}

function Way({ value, choice, label, remark, onPick }: { value: Choice; choice: Choice; label: string; remark: string; onPick: (value: Choice) => void }) {
  return (
    <label class="store">
      <input type="radio" name="store" value={value} checked={choice === value} onChange={() => onPick(value)} />
      <span>{label}</span>
      <span class="num soft">{remark}</span>
    </label>
  );
}

/** "≈ 4.02 MB, 1.10 MB less". */
function predicted(option: StoreOption): string {
  const change = option.change === 0 ? '' : `, ${bytes(Math.abs(option.change))} ${option.change < 0 ? 'less' : 'more'}`;
  return `≈ ${bytes(option.bytes)}${change}`;
}

/** Why this way to store is refused unless forced; null: it is not. */
export function refusal(option: StoreOption): string | null {
  if (!option.grows) return null;
  return option.sparse === 0 || option.change === 0
    ? 'No tensor has enough zeros to get smaller as an ONNX sparse tensor: each kept value needs 8 bytes for its place.'
    : `The file would grow by ${bytes(option.change)}: each kept value needs 8 bytes for its place.`;
}

function Consequence({ option, force, onForce }: { option: StoreOption; force: boolean; onForce: (on: boolean) => void }) {
  const why = refusal(option);
  return (
    <>
      {why !== null && (
        <div class="note warn" role="alert"><Icon name="warn" /><span class="grow">{why}<Check on={force} label="Store it sparse anyway" onChange={onForce} /></span></div>
      )}
      {option.store === 'onnx-sparse' && <p class="muted">{plural(option.sparse, 'tensor')} would be stored sparse. ONNX Runtime loads them and makes them dense; several other tools cannot read them.</p>}
      {option.left.length > 0 && (
        <details class="stores-left">
          <summary class="soft">{plural(option.left.length, 'layer')} stay{option.left.length === 1 ? 's' : ''} dense</summary>
          {option.left.slice(0, 200).map((one) => <div class="plan-skip" key={one.layer}><Middle text={titleOf(one.layer)} /><span class="muted">{one.reason}</span></div>)}
        </details>
      )}
    </>
  );
}
