// The recipe: what was done since the model was opened, what the file says was done before; out to a file, in again.
import { useEffect } from 'preact/hooks';
import { exportRecipe, replay, replayFile } from '../commands/recipe';
import { bytes, plural } from '../lib/numbers';
import { embedded, loadRecipes, recipe, stepText } from '../state/recipe';
import { model } from '../state/session';
import { dialog } from '../state/view';
import type { RecipeStep } from '../api/prune';
import type { Recipe } from '../api/schema';
import { Icon } from '../ui/icon';
import { Modal } from '../ui/modal';

const close = () => {
  dialog.value = null;
};

export function RecipeDialog() {
  useEffect(() => {
    recipe.value = null;
    embedded.value = null;
    void loadRecipes();
  }, []);
  const own = recipe.value;
  const brought = embedded.value;
  const here = model.value;
  return (
    <Modal title="Recipe" wide onClose={close}>
      <h2>Recipe</h2>
      <p>Every edit as data. Replayed on the same source it gives the same model, bit for bit; a saved model carries its recipe along.</p>
      <section>
        <h3>Since {here?.name} was opened</h3>
        {own === null ? <p class="muted">…</p> : <Steps steps={own.steps} none="Nothing is changed yet." />}
        {own?.source && <p class="recipe-source">Source {own.source.name ?? ''}{typeof own.source.bytes === 'number' && `, ${bytes(own.source.bytes)}`}{own.source.sha256 && <>, SHA-256 <span class="mono">{own.source.sha256.slice(0, 16)}…</span></>}</p>}
        {(own?.protected?.length ?? 0) > 0 && <p class="recipe-source"><Icon name="lock" /> {plural(own!.protected!.length, 'weight')} protected from pruning</p>}
      </section>
      {brought !== null && (
        <section>
          <h3>What the file says was done to it before</h3>
          <Steps steps={brought.steps} none="Its recipe is empty." />
        </section>
      )}
      <div class="modal-actions">
        <button type="button" class="btn" onClick={() => { close(); void replayFile(); }}>Replay recipe…</button>
        {brought !== null && brought.steps.length > 0 && <button type="button" class="btn" onClick={() => void again(brought)}>Replay the file’s own…</button>}
        <button type="button" class="btn" disabled={(own?.steps.length ?? 0) === 0} onClick={() => void exportRecipe()}>Export recipe…</button>
        <span class="grow" />
        <button type="button" class="btn primary" autofocus onClick={close}>Close</button>
      </div>
    </Modal>
  );
}

async function again(what: Recipe): Promise<void> {
  close();
  await replay({ recipe: what });
}

function Steps({ steps, none }: { steps: readonly RecipeStep[]; none: string }) {
  if (steps.length === 0) return <p class="muted">{none}</p>;
  return (
    <ol class="recipe">
      {steps.map((step, at) => {
        const { what, how } = stepText(step);
        return <li key={`${at} ${what}`}><b>{what}</b> <span class="muted">{how}</span></li>;
      })}
    </ol>
  );
}
