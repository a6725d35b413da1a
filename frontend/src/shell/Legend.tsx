// What the colours, looks and glyphs on the canvas mean. The scale is fixed: two models compare.
import { IconButton } from '../ui/controls';
import { Glyph, Icon } from '../ui/icon';
import { legend } from '../state/view';
import type { GlyphName } from '../lib/glyphs';

const FORMATS: [GlyphName, string][] = [
  ['unstructured', 'unstructured'], ['nm', 'N:M, as 2:4'], ['block', 'block, as bsr:4x4'], ['channel-out', 'channel:out'],
  ['channel-in', 'channel:in'], ['sparse-tensor', 'sparse tensor'],
];

export function Legend() {
  const toggle = () => {
    legend.value = !legend.value;
  };
  if (!legend.value) {
    return (
      <div class="float legend-folded">
        <button type="button" class="btn plain" onClick={toggle} title="Show the legend (L)"><Icon name="info" />Legend</button>
      </div>
    );
  }
  return (
    <div class="float legend" role="note" aria-label="Legend">
      <h4>Sparsity: share of zero weights
        <IconButton label="Hide the legend" hotkey="L" onClick={toggle}><Icon name="down" /></IconButton>
      </h4>
      <div class="scale" />
      <div class="ticks"><span>0</span><span>20</span><span>40</span><span>60</span><span>80</span><span>100 %</span></div>
      <div class="legend-keys">
        <span><i class="look look-dense" />dense, 0 %</span>
        <span><i class="look look-todo" />not measured yet</span>
        <span><i class="look look-claim" />declared only</span>
        <span><i class="look look-none" />no weights</span>
      </div>
      <div class="legend-keys">
        {FORMATS.map(([glyph, label]) => <span key={glyph}><Glyph name={glyph} />{label}</span>)}
      </div>
    </div>
  );
}
