// What stays in sight: of the drawing when it is moved about, of the selection when a panel takes room.
import type { Camera, View } from './camera';
import type { Scene } from '../graph/scene';

/** So much of the drawing stays on the screen, or all of a smaller one, px. */
const LEFT_OVER = 48;
/** Room beside what comes out from under a panel, px. */
const BESIDE = 24;

/** How far the picture may move by (dx, dy) screen px: not until nothing of the drawing is left. */
export function allowedPan(camera: Camera, { width, height }: Pick<Scene, 'width' | 'height'>, dx: number, dy: number): [number, number] {
  const { zoom } = camera;
  const along = (move: number, begin: number, size: number, room: number): number => {
    const least = Math.min(LEFT_OVER, size);
    // Where the drawing may begin on the screen; what is out of sight already may come back.
    const [from, to] = [least - size, room - least];
    return Math.min(Math.max(begin + move, Math.min(from, begin)), Math.max(to, begin)) - begin;
  };
  return [
    along(dx, -camera.x * zoom, width * zoom, camera.width),
    along(dy, -camera.y * zoom, height * zoom, camera.height),
  ];
}

/** The view that brings nodes out from under what took the right of the canvas; null where they are in sight. */
export function outFromUnder(camera: Camera, scene: Scene, nodes: ReadonlySet<number>): View | null {
  let [left, right] = [Infinity, -Infinity];
  for (const node of nodes) {
    left = Math.min(left, scene.x[node]);
    right = Math.max(right, scene.x[node] + scene.nodeWidth[node]);
  }
  const over = (right - camera.x) * camera.zoom + BESIDE - camera.width;
  const spare = (left - camera.x) * camera.zoom - BESIDE;
  const move = Math.min(over, spare);
  return move > 0 ? { x: camera.x + move / camera.zoom, y: camera.y, zoom: camera.zoom } : null;
}
