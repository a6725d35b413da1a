// The mask in a large view: zooms to single weights, tells the value under the pointer, steps through groups.
import { useEffect, useRef, useState } from 'preact/hooks';
import { weightApi } from '../api/weight';
import type { Look } from '../canvas/mask-look';
import { MaskView } from '../canvas/mask-view';
import { count, plural } from '../lib/numbers';
import { valueText } from '../lib/values';
import { entryAt, partNames, placeText } from '../state/entries';
import { askedFormat, brokenText, formatToShow, picture, shownGroup, violations } from '../state/picture';
import { theme } from '../state/theme';
import { dialog } from '../state/view';
import type { MaskFacts, WeightRow } from '../api/schema';
import { IconButton, Segments } from '../ui/controls';
import { Icon } from '../ui/icon';
import { Modal } from '../ui/modal';

const LOOKS = [
  { value: 'both', label: 'both', title: 'Zeros are paper; the larger a weight, the darker' },
  { value: 'zeros', label: 'zeros', title: 'Only whether a weight is zero' },
  { value: 'magnitudes', label: 'magnitudes', title: 'The larger the weights that are not zero, the darker' },
];

interface Hover {
  row: number;
  column: number;
  value: number | null;
}

export function MaskDialog() {
  const seen = picture.value;
  const close = () => {
    dialog.value = null;
    askedFormat.value = null;
  };
  useEffect(() => {
    if (seen === null) close();
  }, [seen === null]);
  if (seen === null) return null;
  return (
    <Modal title="Mask" kind="modal-mask" onClose={close}>
      {seen.mask
        ? <Large key={`${seen.row.id}`} row={seen.row} mask={seen.mask} onClose={close} />
        : <p role="status">Reading {count(seen.row.elements)} weights…</p>}
    </Modal>
  );
}

function Large({ row, mask, onClose }: { row: WeightRow; mask: MaskFacts; onClose: () => void }) {
  const box = useRef<HTMLCanvasElement>(null);
  const view = useRef<MaskView | null>(null);
  const [look, setLook] = useState<Look>('both');
  const [zoom, setZoom] = useState(1);
  const [hover, setHover] = useState<Hover | null>(null);
  const shown = theme.value;
  const groups = violations.value;
  const at = shownGroup.value;
  useEffect(() => {
    const stop = new AbortController();
    const made = new MaskView(box.current!, mask, partNames(row, mask), {
      tile: (place) => weightApi.tile(row.id, place.pool, place.row, place.column, stop.signal),
      values: (top, left, height, width) => weightApi.values(row.id, top, left, height, width, stop.signal),
      onHover: setHover,
      onZoom: setZoom,
    });
    view.current = made;
    made.setLook(look);
    return () => {
      made.dispose();
      stop.abort();
    };
  }, [mask]);
  useEffect(() => view.current?.setLook(look), [look]);
  useEffect(() => view.current?.setTheme(), [shown]);
  // Goes to a group only where the user has asked for groups; else they are circled where they are.
  useEffect(() => view.current?.setGroups(groups, askedFormat.value === null ? -1 : at), [groups, at, mask, askedFormat.value]);
  return (
    <>
      <header class="mask-head">
        <h2>Mask</h2>
        <span class="mono clip" title={row.tensor}>{row.tensor}</span>
        <span class="muted">{count(mask.height)} × {count(mask.width)}</span>
        <span class="grow" />
        <Groups row={row} />
        <Segments label="What the ink says" value={look} choices={LOOKS} onChange={(chosen) => setLook(chosen as Look)} />
        <IconButton label="Zoom out" hotkey="-" onClick={() => view.current?.zoomBy(-1)}><Icon name="minus" /></IconButton>
        <IconButton label="Zoom in" hotkey="+" onClick={() => view.current?.zoomBy(1)}><Icon name="plus" /></IconButton>
        <IconButton label="All of it" hotkey="0" onClick={() => view.current?.fit()}><Icon name="fit" /></IconButton>
        <IconButton label="Close" hotkey="Esc" onClick={onClose}><Icon name="close" /></IconButton>
      </header>
      <div class="mask-axis">in →{mask.kernel_columns > 1 && ` · ${count(mask.kernel_columns)} kernel positions side by side`}</div>
      <div class="mask-middle">
        <div class="mask-axis mask-down">out →{downText(row, mask)}</div>
        <canvas ref={box} class="mask-canvas" tabIndex={0} autofocus role="application"
          aria-label="Mask. Arrow keys move, plus and minus zoom, 0 shows all of it." />
      </div>
      <footer class="mask-foot">
        <span class="mask-value">{hover ? <HoverText row={row} mask={mask} hover={hover} zoom={zoom} /> : 'Point at a weight to read it; drag to move, wheel to zoom.'}</span>
        <span class="muted">{zoomText(zoom)}</span>
      </footer>
    </>
  );
}

function downText(row: WeightRow, mask: MaskFacts): string {
  const below = mask.kernel_rows > 1 ? `, ${mask.kernel_rows} rows of kernel positions` : '';
  if (mask.stack === 1) return below;
  const gates = /LSTM|GRU|RNN/.test(row.op);
  return `, ${count(mask.stack)} ${gates ? 'gates' : /Conv/.test(row.op) ? 'groups' : 'parts'} below each other`;
}

function Groups({ row }: { row: WeightRow }) {
  const found = violations.value;
  const format = formatToShow(row, askedFormat.value);
  if (format === null) return null;
  if (found === null) return <span class="muted">looking where {format} is broken…</span>;
  const shown = found.first.length;
  if (shown === 0) return null;
  const go = (step: number) => {
    const from = askedFormat.value === null && step > 0 ? -1 : shownGroup.value;
    askedFormat.value = format;
    shownGroup.value = (from + step + shown) % shown;
  };
  const group = askedFormat.value === null ? null : found.first[shownGroup.value];
  return (
    <span class="row mask-groups">
      <span class="alert">{group ? `${count(shownGroup.value + 1)} of ` : ''}{brokenText(found)}{group ? `: ${plural(group.nonzeros, 'non-zero')}` : ''}</span>
      <IconButton label="Previous group" onClick={() => go(-1)}><Icon name="left" /></IconButton>
      <IconButton label="Next group" onClick={() => go(1)}><Icon name="right" /></IconButton>
    </span>
  );
}

function HoverText({ row, mask, hover, zoom }: { row: WeightRow; mask: MaskFacts; hover: Hover; zoom: number }) {
  const entry = entryAt(mask, hover.row, hover.column);
  if (entry === null) return null;
  return (
    <>
      <span class="soft">{placeText(row, mask, entry)}</span>
      <b>{hover.value === null ? '…' : valueText(hover.value, 6)}</b>
      {zoom < 1 && <span class="muted">one of {count(1 / zoom)} × {count(1 / zoom)} in this pixel</span>}
    </>
  );
}

function zoomText(zoom: number): string {
  return zoom < 1 ? `a pixel is ${count(1 / zoom)} × ${count(1 / zoom)} weights` : zoom === 1 ? 'a weight is a pixel' : `a weight is ${zoom} × ${zoom} pixels`;
}
