// Puts the graph view on the page and keeps it in step with the signals.
import { batch, effect } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { GraphView } from '../canvas/view';
import { OPERATOR } from '../graph/document';
import type { Box } from '../lib/geometry';
import { openBody } from '../commands/go';
import { calm } from '../state/calm';
import { edgeLabels, graph, graphProblem, loadLabels, phase } from '../state/graph';
import { hover } from '../state/hover';
import { matches } from '../state/search';
import { colourMode, drawing, visible } from '../state/canvas';
import { select, selected } from '../state/selection';
import { server } from '../state/session';
import { applyTheme, theme } from '../state/theme';
import { popup, side, viewport, zoom } from '../state/view';
import { rowsOfNode } from '../state/weights';
import { canvasView } from './canvas-view';
import { colours, facts } from './colours';

/** A first picture is on the screen after so long, ms. */
const SOON = 60;

export function CanvasHost() {
  const box = useRef<HTMLCanvasElement>(null);
  // Before the first paint: nothing else on the page matters as much.
  useLayoutEffect(() => mount(box.current!), []);
  return (
    <>
      <canvas ref={box} tabIndex={0} role="application" aria-label="Graph of operators. The table of layers (T) tells the same in text." />
      {phase.value === 'loading' && graph.value === null && <div class="waiting" role="status">Laying out the graph…</div>}
      {graphProblem.value && <div class="waiting alert" role="alert">{graphProblem.value.message} {graphProblem.value.hint}</div>}
    </>
  );
}

/** Node ids of canvas positions; model inputs and outputs are no operators and are left out. */
function operators(indices: readonly number[]): number[] {
  const shown = graph.value?.document;
  return shown ? indices.filter((at) => shown.kind[at] === OPERATOR).map((at) => shown.nodeId[at]!) : [];
}

/** What stays on the canvas, its corner at 0; the map goes when the whole graph is shown, the tip follows the pointer. */
function floatsOver(canvas: HTMLCanvasElement): Box[] {
  const corner = canvas.getBoundingClientRect();
  const found = canvas.parentElement?.querySelectorAll('.float:not(.tip, .minimap)') ?? [];
  const map = canvas.parentElement?.querySelector('.minimap');
  const end = map?.getBoundingClientRect();
  return Array.from(found, (one) => {
    const { left, top, right, width, height } = one.getBoundingClientRect();
    // What stands beside the map takes its place when it goes.
    const slides = end !== undefined && end.width > 0 && one.parentElement === map?.parentElement && right <= end.left;
    return { x: (slides ? end.right - width : left) - corner.left, y: top - corner.top, width, height };
  });
}

function mount(canvas: HTMLCanvasElement): () => void {
  const pointer = { x: 0, y: 0 };
  const follow = (event: PointerEvent) => {
    pointer.x = event.offsetX;
    pointer.y = event.offsetY;
  };
  const leave = () => {
    hover.value = null;
  };
  // Before the view hears it: what it tells of the hover then has the right place.
  canvas.addEventListener('pointermove', follow);
  canvas.addEventListener('pointerleave', leave);
  let started: string | null = theme.peek();
  const view = new GraphView(canvas, {
    onSelect(indices, how) {
      canvas.focus({ preventScroll: true });
      select(operators(indices), how);
      const only = indices.length === 1 && operators(indices).length === 0;
      if (only) side.value = 'model';
      else if (selected.value.size === 0) side.value = side.value === 'node' ? 'none' : side.value;
      else if (side.value !== 'prune') side.value = 'node';
    },
    onHover(index) {
      hover.value = index < 0 ? null : { index, ...pointer };
    },
    onContextMenu(index, x, y) {
      const [node] = index >= 0 ? operators([index]) : [];
      if (node !== undefined && !selected.value.has(node)) select([node]);
      popup.value = { kind: node === undefined ? 'ground' : 'context', x, y };
    },
    onOpen(index) {
      openBody(index);
    },
    onCamera(now) {
      zoom.value = now;
      hover.value = null;
    },
    onView(now, scene) {
      batch(() => {
        drawing.value = scene;
        visible.value = now;
      });
    },
    floats: () => floatsOver(canvas),
  });
  viewport.value = view;
  canvasView.value = view;
  const stops = [
    effect(() => {
      const loaded = graph.value;
      hover.value = null;
      drawing.value = loaded?.scene ?? null;
      if (!loaded) {
        view.clear();
        return;
      }
      view.setGraph(loaded.document, loaded.scene);
      void view.painted().then(() => {
        if (graph.peek() !== loaded || phase.peek() !== 'loading') return;
        phase.value = 'ready';
        // Right after the picture, while it is looked at: else the first zoom that needs it would wait for it.
        setTimeout(() => graph.peek() === loaded && view.look.prepare(), SOON);
        // Asking for them starts what else there is to find out; who moves about comes first.
        void calm().then(loadLabels);
      });
    }),
    // Each of these reads graph.value too: a new graph starts bare.
    effect(() => {
      const loaded = graph.value;
      // Before any weight is known there is nothing to tell, but for the mode of operator types.
      if (loaded && (rowsOfNode.value.size > 0 || colourMode.value !== 'sparsity')) view.setTiles(facts.value!.tiles, colours.value!);
    }),
    effect(() => {
      const loaded = graph.value;
      const positions = new Set<number>();
      for (const node of selected.value) {
        const at = loaded?.document.indexOf.get(node);
        if (at !== undefined) positions.add(at);
      }
      view.setSelection(positions);
    }),
    effect(() => {
      void graph.value;
      view.setMatches(matches.value);
    }),
    // The view has read the theme that it started with.
    theme.subscribe((now) => {
      if (now === started) return;
      started = null;
      applyTheme();
      view.setTheme();
    }),
    effect(() => view.setWheel(server.value?.settings.wheel ?? 'scroll')),
    effect(() => {
      const labels = edgeLabels.value;
      if (labels !== null && graph.value !== null) view.setEdgeLabels(labels);
    }),
  ];
  return () => {
    for (const stop of stops) stop();
    viewport.value = null;
    canvasView.value = null;
    canvas.removeEventListener('pointermove', follow);
    canvas.removeEventListener('pointerleave', leave);
    leave();
    view.dispose();
  };
}
