// Where a whole graph may be shown: the canvas without what floats on it, if that would hide a node.
import { edgesIn, nodesIn, stubsIn, type Scene } from '../graph/scene';
import type { Box } from '../lib/geometry';
import type { Camera, View } from './camera';

/** Free ground beside what floats, CSS px. */
const BESIDE = 4;

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

/** The view of all of `scene` with nothing of it under a float: in the middle of the canvas if it can be. */
export function fittedView(camera: Camera, scene: Scene, floats: readonly Box[]): View {
  const world = { x: 0, y: 0, width: scene.width, height: scene.height };
  const middle = camera.fitted(world);
  if (floats.every((float) => isFree(scene, middle, float))) return middle;
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
  return [nodesIn, edgesIn, stubsIn].every((find) => find(scene, under).length === 0);
}
