// The minimap: the whole graph in a corner, with the part on screen as a frame to drag.
import { effect } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { bareColours } from '../canvas/modes/bare';
import { packed } from '../canvas/colours';
import { fitMap, hitsOnMap, rasterize, showsAll, toWorld, viewOnMap } from '../canvas/minimap';
import { mix, parseHex } from '../lib/colour';
import { colourMode, drawing, visible } from '../state/canvas';
import { graph } from '../state/graph';
import { matches } from '../state/search';
import { applyTheme } from '../state/theme';
import { viewport } from '../state/view';
import { rowsOfNode } from '../state/weights';
import { colours } from './colours';

/** CSS px. */
const MAP = { width: 150, height: 196 };
/** From the middle of a hit's dot to its edge, CSS px. */
const HIT = 1.5;

export function Minimap() {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => mount(box.current!), []);
  return (
    <div class="float minimap" ref={box} hidden role="img" aria-label="The whole graph; drag to move">
      <canvas style={{ width: `${MAP.width}px`, height: `${MAP.height}px` }} />
      <i />
    </div>
  );
}

function mount(box: HTMLDivElement): () => void {
  const canvas = box.querySelector('canvas')!;
  const frame = box.querySelector('i')!;

  const draw = () => {
    const scene = drawing.value;
    const document = graph.value?.document;
    applyTheme(); // the ground below has its colours
    if (!scene?.count || !document) return;
    const style = getComputedStyle(box);
    const rgb = (name: string) => parseHex(style.getPropertyValue(name));
    const ratio = devicePixelRatio || 1;
    const [width, height] = [Math.round(MAP.width * ratio), Math.round(MAP.height * ratio)];
    const ground = { surface: packed(rgb('--surface')), tick: packed(mix(rgb('--line'), rgb('--line-strong'), 0.5)), dense: packed(rgb('--ink-3')) };
    const fit = fitMap(scene, { width, height });
    // Before any weight is known sparsity tells nothing, and the first picture need not wait for that.
    const told = rowsOfNode.value.size > 0 || colourMode.value !== 'sparsity';
    const made = (told && colours.value) || bareColours(document);
    canvas.width = width;
    canvas.height = height;
    const pixels = rasterize(scene, document, made, ground, fit, width, height);
    const ctx = canvas.getContext('2d');
    if (ctx === null) return;
    ctx.putImageData(new ImageData(pixels, width, height), 0, 0);
    ctx.fillStyle = style.getPropertyValue('--match');
    const reach = Math.round(HIT * ratio);
    for (const { x, y } of hitsOnMap(scene, matches.value ?? [], fit)) ctx.fillRect(x - reach, y - reach, 2 * reach, 2 * reach);
  };

  const follow = () => {
    const scene = drawing.value;
    const seen = visible.value;
    box.hidden = !scene?.count || seen === null || showsAll(seen, scene);
    if (box.hidden || !scene || seen === null) return;
    const place = viewOnMap(fitMap(scene, MAP), seen, MAP);
    frame.style.transform = `translate(${place.x}px, ${place.y}px)`;
    frame.style.width = `${place.width}px`;
    frame.style.height = `${place.height}px`;
  };

  const move = (event: PointerEvent) => {
    const scene = drawing.value;
    if (!scene || event.buttons !== 1) return;
    const corner = canvas.getBoundingClientRect();
    const at = { x: event.clientX - corner.left, y: event.clientY - corner.top };
    viewport.value?.centreOn(toWorld(fitMap(scene, MAP), at, scene));
  };
  const press = (event: PointerEvent) => {
    box.setPointerCapture?.(event.pointerId);
    move(event);
  };
  box.addEventListener('pointerdown', press);
  box.addEventListener('pointermove', move);
  const stops = [effect(draw), effect(follow)];
  return () => {
    for (const stop of stops) stop();
    box.removeEventListener('pointerdown', press);
    box.removeEventListener('pointermove', move);
  };
}
