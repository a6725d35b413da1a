// How pictures become the model's input, as it was guessed, to be corrected.
import { useState } from 'preact/hooks';
import { takeData } from '../commands/data';
import { typedNumber } from '../lib/typed';
import { readAgain, reading } from '../state/data';
import { Segments } from '../ui/controls';
import type { DataFacts, Pictures } from '../api/schema';

/** "0.485, 0.456, 0.406" and "1/255": numbers as people write them; null for what is none. */
export function numbersOf(text: string): number[] | null {
  const found = text.split(/[\s,;]+/).filter((part) => part !== '').map((part) => {
    const [over, under] = part.split('/');
    return Number(over) / (under === undefined ? 1 : Number(under));
  });
  return found.length > 0 && found.length <= 3 && found.every(Number.isFinite) ? found : null;
}

/** 0.00392156862745098 -> "1/255". */
export function scaleText(scale: number): string {
  const under = Math.round(1 / scale);
  return under > 1 && Math.abs(1 / under - scale) < 1e-9 ? `1/${under}` : String(Number(scale.toPrecision(6)));
}

const listText = (values: readonly number[]) => values.map((value) => String(Number(value.toPrecision(6)))).join(', ');

export function PictureForm({ facts, pictures }: { facts: DataFacts; pictures: Pictures }) {
  const [made, setMade] = useState<Pictures>(pictures);
  const change = (part: Partial<Pictures>) => setMade({ ...made, ...part });
  const changed = JSON.stringify(made) !== JSON.stringify(pictures);
  const apply = () => void takeData(readAgain(facts, { pictures: made }));
  const size = (text: string, key: 'height' | 'width') => {
    const value = Math.round(typedNumber(text) ?? 0);
    if (value > 0) change({ [key]: value });
  };
  const list = (text: string, key: 'mean' | 'std') => {
    const found = numbersOf(text);
    if (found) change({ [key]: found });
  };
  return (
    <fieldset class="pictures" disabled={reading.value}>
      <legend>How a picture is prepared <span class="muted">a guess: correct it where it is wrong</span></legend>
      <div class="picture-field"><span>Size</span><span class="row">
        <input class="text-field num" type="number" min="1" value={made.height} aria-label="Height" onChange={(event) => size(event.currentTarget.value, 'height')} />
        ×
        <input class="text-field num" type="number" min="1" value={made.width} aria-label="Width" onChange={(event) => size(event.currentTarget.value, 'width')} />
        <Segments label="Fit" value={made.fit} choices={[{ value: 'crop', label: 'crop', title: 'The middle 7/8' }, { value: 'stretch', label: 'stretch', title: 'All of it' }]}
          onChange={(fit) => change({ fit: fit === 'crop' ? 'crop' : 'stretch' })} />
      </span></div>
      <div class="picture-field"><span>Channels</span><span class="row">
        <Segments label="Channels" value={made.order} choices={(['RGB', 'BGR', 'L'] as const).map((value) => ({ value, label: value === 'L' ? 'grey' : value }))}
          onChange={(order) => change({ order: order as Pictures['order'] })} />
        <Segments label="Layout" value={made.layout} choices={(['NCHW', 'NHWC'] as const).map((value) => ({ value, label: value }))}
          onChange={(layout) => change({ layout: layout as Pictures['layout'] })} />
      </span></div>
      <label><span>Scale</span><input class="text-field" value={scaleText(made.scale)} aria-label="Scale" title="Of values 0..255"
        onChange={(event) => { const found = numbersOf(event.currentTarget.value)?.[0]; if (found !== undefined && found !== 0) change({ scale: found }); }} /></label>
      <label><span>Mean</span><input class="text-field" value={listText(made.mean)} aria-label="Mean" onChange={(event) => list(event.currentTarget.value, 'mean')} /></label>
      <label><span>Std</span><input class="text-field" value={listText(made.std)} aria-label="Std" onChange={(event) => list(event.currentTarget.value, 'std')} /></label>
      {changed && <div class="row"><button type="button" class="btn small primary" onClick={apply}>Read them this way</button><button type="button" class="btn small" onClick={() => setMade(pictures)}>As guessed</button></div>}
    </fieldset>
  );
}
