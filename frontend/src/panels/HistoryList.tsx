// Every edit of the session, newest first, with what the model came to; the recipe is a click away.
import { run } from '../commands/list';
import { percent, plural } from '../lib/numbers';
import { history, model } from '../state/session';

export function HistoryList() {
  const { edits, position, saved } = history.value;
  const list = edits.map((edit, at) => ({ label: edit.label, sparsity: edit.sparsity, at: at + 1 })).toReversed();
  const remark = edits.length === 0 ? 'no edits yet' : `${plural(position, 'edit')}${position === saved ? ', saved' : ', unsaved'}`;
  // A save under another name gives the model that name, which is not the one that was opened.
  const opened = saved === 0 ? `Opened ${model.value?.name}` : 'As it was opened';
  return (
    <div class="sec">
      <h3>History <span class="aside">{remark} · <button type="button" class="link" onClick={() => run('file.recipe')}>recipe</button></span></h3>
      <ol class="history">
        {list.map((edit) => (
          <li key={edit.at} class={edit.at === position ? 'on' : edit.at > position ? 'later' : ''}>
            <i /><span class="clip" title={edit.label}>{edit.label}</span>
            <span class="num">{edit.at > position && 'undone · '}{edit.sparsity === null ? '' : percent(edit.sparsity)}</span>
          </li>
        ))}
        <li class={position === 0 ? 'on' : ''}><i /><span class="clip">{opened}</span></li>
      </ol>
    </div>
  );
}
