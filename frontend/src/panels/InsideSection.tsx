// The weights inside an operator, together: how many zeros, of which layers, and the way to them.
import { run } from '../commands/list';
import { count, percent, plural } from '../lib/numbers';
import { overWhat, type Inside } from '../state/within';
import { commonFormat, together } from '../state/weights';
import { Format } from '../ui/text';
import { Swatch } from '../ui/tile';

/** The way to layers inside the selection, in the middle of a text. */
export function SelectInside({ layers }: { layers: number }) {
  return <button type="button" class="link" onClick={() => run('edit.inside')}>select {layers === 1 ? 'it' : 'them'}</button>;
}

export function InsideSection({ held }: { held: Inside }) {
  const rows = held.rows;
  const sum = rows && together(rows);
  const share = sum?.sparsity ?? null;
  const missing = rows?.some((row) => row.problem !== null) ? 'inside, some of which cannot be read' : 'inside, not all measured yet';
  const format = rows && share !== null ? commonFormat(rows) : null;
  return (
    <div class="sec">
      <div class="hero">
        <Swatch sparsity={share} format={format} glyph={share !== null} />
        <span class="hero-number">{share === null ? '…' : percent(share)}</span>
        <span class="hero-side">
          {sum && `of ${count(sum.elements)} weights ${share === null ? missing : 'are zero'}`}
          {format !== null && <span class="row"><Format name={format} /></span>}
        </span>
      </div>
      <p class="muted" style={{ marginTop: '6px' }}>{overWhat(held)}; a shared tensor counts once</p>
      <div class="row" style={{ marginTop: '8px' }}>
        <button type="button" class="btn" onClick={() => run('edit.inside')}>Select {held.layers.length === 1 ? 'the layer' : `its ${plural(held.layers.length, 'layer')}`}</button>
        <button type="button" class="btn" onClick={() => run('go.into')}>Open the body</button>
      </div>
    </div>
  );
}
