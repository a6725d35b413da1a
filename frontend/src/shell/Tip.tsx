// Names the node under the pointer where the picture is too small to write on it.
import { percentShort } from '../lib/numbers';
import { Swatch } from '../ui/tile';
import { Format } from '../ui/text';
import { OPERATOR } from '../graph/document';
import { graph } from '../state/graph';
import { hover } from '../state/hover';
import { zoom } from '../state/view';
import { commonFormat, isFlagged, together } from '../state/weights';
import { inside, overWhat, rowsTold } from '../state/within';

/** From this zoom on nodes carry their own text. */
const READABLE = 0.8;
const AWAY = 14;
const WIDTH = 300;

export function Tip() {
  const at = hover.value;
  const shown = graph.value?.document;
  if (at === null || !shown || zoom.value >= READABLE || shown.kind[at.index] !== OPERATOR) return null;
  const rows = rowsTold.value.get(shown.nodeId[at.index]!);
  const held = inside.value.get(shown.nodeId[at.index]!);
  const share = rows ? together(rows).sparsity : null;
  const format = rows && (rows.length === 1 || (held && share !== null)) ? commonFormat(rows) : null;
  const left = Math.min(at.x + AWAY, innerWidth - WIDTH);
  return (
    <div class="float tip" role="tooltip" style={{ left: `${left}px`, top: `${at.y + AWAY}px` }}>
      <div class="row"><b>{shown.op[at.index]}</b><span class="mono clip">{shown.name[at.index]}</span></div>
      {rows && (
        <div class="row">
          <Swatch sparsity={share} format={format} />
          {share === null ? 'not measured yet' : percentShort(share)}
          {format !== null && <Format name={format} />}
          {rows.some(isFlagged) && <span class="alert">a claim does not hold</span>}
        </div>
      )}
      {held && share !== null && <div class="muted">{overWhat(held)}</div>}
      {shown.note[at.index] !== '' && !(held && share !== null && !held.own) && <div class="muted">{shown.note[at.index]}</div>}
    </div>
  );
}
