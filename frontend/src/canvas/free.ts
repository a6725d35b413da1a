// Where a whole graph may be shown: the canvas without what floats on it, if that would hide a node.
import { edgesIn, nodesIn, stubsIn, type Scene } from '../graph/scene';
import type { Box } from '../lib/geometry';
import { MARGIN, type Camera, type View } from './camera';

/** Free ground beside what floats, CSS px. */
export const BESIDE = 4;

/**
 * The ways to keep clear of the floats: right of, left of, under or over each of them, the largest first. Where they
 * leave no room worth it, the whole canvas: never nothing.
 */
export function freeAreas(width: number, height: number, floats: readonly Box[]): Box[] {
  const whole: Box = { x: 0, y: 0, width, height };
  let areas = [whole];
  for (const float of floats) {
    areas = areas.flatMap((area) => (touches(area, float) ? around(area, float) : [area]));
  }
  const free = areas.filter((area) => area.width > width / 3 && area.height > height / 3);
  return free.length === 0 ? [whole] : free.toSorted((a, b) => b.width * b.height - a.width * a.height);
}

function touches(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

function around(area: Box, float: Box): Box[] {
  const [right, bottom] = [area.x + area.width, area.y + area.height];
  const [after, below] = [float.x + float.width + BESIDE, float.y + float.height + BESIDE];
  return [
    { ...area, x: after, width: right - after },
    { ...area, width: float.x - BESIDE - area.x },
    { ...area, y: below, height: bottom - below },
    { ...area, height: float.y - BESIDE - area.y },
  ];
}

/**
 * The view of all of `scene` with nothing of it under a float: in the middle of the canvas if it can be, else at its
 * top or left end, else in what is free. At most at zoom `most`.
 */
export function fittedView(camera: Camera, scene: Scene, floats: readonly Box[], most = 1): View {
  const world = { x: 0, y: 0, width: scene.width, height: scene.height };
  const middle = camera.fitted(world, undefined, most);
  const ends = { x: -MARGIN / middle.zoom, y: -MARGIN / middle.zoom };
  for (const view of [middle, { ...middle, y: ends.y }, { ...middle, ...ends }]) {
    if (floats.every((float) => isFree(scene, view, float))) return view;
  }
  const views = freeAreas(camera.width, camera.height, floats).map((area) => camera.fitted(world, area));
  return views.reduce((best, view) => (view.zoom > best.zoom ? view : best));
}

function isFree(scene: Scene, view: View, float: Box): boolean {
  const under = {
    x: view.x + (float.x - BESIDE) / view.zoom,
    y: view.y + (float.y - BESIDE) / view.zoom,
    width: (float.width + 2 * BESIDE) / view.zoom,
    height: (float.height + 2 * BESIDE) / view.zoom,
  };
  return (
    nodesIn(scene, under).length === 0 &&
    stubsIn(scene, under).length === 0 &&
    edgesIn(scene, under).every((edge) => !passes(scene, edge, under))
  );
}

/** Whether a level or upright piece of an edge's own line runs through the box. */
function passes({ start, points }: Scene, edge: number, box: Box): boolean {
  for (let at = 2 * start[edge] + 2; at < 2 * start[edge + 1]; at += 2) {
    const [ax, ay, bx, by] = [points[at - 2], points[at - 1], points[at], points[at + 1]];
    const beside = Math.max(ax, bx) < box.x || Math.min(ax, bx) > box.x + box.width;
    if (!beside && Math.max(ay, by) >= box.y && Math.min(ay, by) <= box.y + box.height) return true;
  }
  return false;
}
