// The search box and its list of hits: arrows walk into the list, Enter goes there.
import { useEffect, useRef } from 'preact/hooks';
import { goToHit } from '../commands/go';
import { plural } from '../lib/numbers';
import { Icon } from '../ui/icon';
import { Middle } from '../ui/text';
import { Tile } from '../ui/tile';
import { activeHit, hits, query, queryProblem, searching, type Hit } from '../state/search';
import { rowsOfNode, together } from '../state/weights';

const SHOWN = 200;

export function SearchBox() {
  const box = useRef<HTMLInputElement>(null);
  const found = hits.value;
  const open = searching.value && query.value.trim() !== '';

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      const last = Math.min(found.length, SHOWN) - 1;
      searching.value = true;
      activeHit.value = Math.max(0, Math.min(last, activeHit.value + (event.key === 'ArrowDown' ? 1 : -1)));
    } else if (event.key === 'Enter') {
      searching.value = false;
      if (found.length > 0) {
        // The keys of the graph work at once: P prunes, F3 goes on.
        document.querySelector<HTMLElement>('.canvas canvas')?.focus();
        void goToHit(Math.max(0, activeHit.value));
      }
    } else if (event.key === 'Escape') {
      if (searching.value && open) searching.value = false;
      else {
        query.value = '';
        box.current!.blur();
      }
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div class="search">
      <div class={`search-box${query.value === '' ? '' : ' asked'}`}>
        <Icon name="search" />
        <input id="search" ref={box} type="text" value={query.value} placeholder="Find op:Conv sparsity<50% format:2:4" spellcheck={false}
          autocomplete="off" role="combobox" aria-label="Find layers" aria-expanded={open} aria-controls="hits"
          aria-activedescendant={open && activeHit.value >= 0 ? `hit-${activeHit.value}` : undefined}
          onInput={(event) => {
            query.value = event.currentTarget.value;
            activeHit.value = -1;
            searching.value = true;
          }}
          onFocus={() => { searching.value = true; }} onBlur={() => { searching.value = false; }} onKeyDown={onKeyDown} />
        {query.value === '' ? <kbd>Ctrl F</kbd> : <span>{queryProblem.value ? '?' : plural(found.length, 'hit')}</span>}
      </div>
      {open && <Hits found={found} />}
    </div>
  );
}

function Hits({ found }: { found: readonly Hit[] }) {
  const list = useRef<HTMLDivElement>(null);
  const active = activeHit.value;
  useEffect(() => {
    list.current?.querySelector('.on')?.scrollIntoView({ block: 'nearest' });
  }, [active]);
  const problem = queryProblem.value;
  return (
    <div class="hits" id="hits" role="listbox" ref={list}>
      {problem && <div class="hits-note">{problem.message} {problem.hint}</div>}
      {!problem && found.length === 0 && <div class="hits-note">Nothing matches. A word is looked for in names and operators; sparsity needs measured layers.</div>}
      {found.slice(0, SHOWN).map((hit, at) => (
        // The press must not take the focus from the box, or the list would close before the click.
        <div key={hit.node} id={`hit-${at}`} class={`hit${at === active ? ' on' : ''}`} role="option" aria-selected={at === active}
          onPointerDown={(event) => event.preventDefault()} onClick={() => { searching.value = false; void goToHit(at); }}>
          <span class="op">{hit.op}</span><Middle text={hit.layer} /><HitTile node={hit.node} />
        </div>
      ))}
      {found.length > SHOWN && <div class="hits-note">and {plural(found.length - SHOWN, 'hit')} more; the table (T) lists every layer</div>}
    </div>
  );
}

function HitTile({ node }: { node: number }) {
  const rows = rowsOfNode.value.get(node);
  if (!rows) return null;
  return <Tile sparsity={together(rows).sparsity} format={rows[0]!.format} claim={rows[0]!.declared?.sparsity ?? null}
    problem={rows.find((row) => row.problem !== null)?.problem ?? null} />;
}
