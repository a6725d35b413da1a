// Tells the server which layers are on screen, to be measured before the others, and that the
// picture moves: measuring then leaves the processor to it.
import { computed, effect } from '@preact/signals';
import { api } from '../api/client';
import { nodesIn } from '../graph/scene';
import type { Box } from '../lib/geometry';
import { drawing, visible } from './canvas';
import { isCalm } from './calm';
import { graph, phase } from './graph';
import { job } from './session';
import { summary } from './weights';
import { rowsTold } from './within';

/** The camera moves every frame; the server hears of it when it has stood still this long, ms. */
const STILL = 150;
/** Between two words that the picture moves, ms; the server takes each for half a second. */
const AGAIN = 250;
/** So long after a graph came the server may be about to begin what it has not told of yet, ms. */
const SOON = 8000;
/** More than this is the whole model: then the server's own order is as good. */
const MOST = 400;

// Not the totals themselves: they change with every measured weight, and would put the wish off.
const known = computed(() => summary.value !== null);

/** Node ids of the layers in `box`, or inside what is there, that are not measured yet, from the top. */
function unmeasuredIn(box: Box): number[] {
  const loaded = graph.peek();
  if (loaded === null) return [];
  const { document } = loaded;
  const scene = drawing.peek() ?? loaded.scene;
  const told = rowsTold.peek();
  const waiting = (at: number) => (told.get(document.nodeId[at]!) ?? []).filter((row) => !row.measured && row.problem === null);
  const seen = nodesIn(scene, box).filter((at) => waiting(at).length > 0);
  seen.sort((a, b) => scene.y[a]! - scene.y[b]! || scene.x[a]! - scene.x[b]!);
  return [...new Set(seen.flatMap((at) => waiting(at).map((row) => row.node)))];
}

/** Follows the camera while weights are being measured; returns how to stop. */
export function watchAttention(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let told = -Infinity;
  let last: Box | null = null;
  let came = -Infinity;
  const stopped = graph.subscribe(() => {
    came = performance.now();
  });
  const stop = effect(() => {
    const box = visible.value;
    clearTimeout(timer);
    const moved = last !== null && box !== last;
    last = box;
    const now = performance.now();
    const works = job.peek() !== null || now - came < SOON;
    if (moved && works && phase.peek() === 'ready' && !isCalm() && now - told >= AGAIN) {
      told = now;
      void api.moving().catch(() => undefined);
    }
    if (box === null || phase.value !== 'ready' || !known.value) return;
    timer = setTimeout(() => {
      const nodes = unmeasuredIn(box);
      // A wish: measuring goes on in the server's own order where it is not heard.
      if (nodes.length > 0 && nodes.length <= MOST) void api.visible(nodes).catch(() => undefined);
    }, STILL);
  });
  return () => {
    clearTimeout(timer);
    stopped();
    stop();
  };
}
