// What the canvas tells the page around it.
import type { Scene } from '../graph/scene';
import type { Box } from '../lib/geometry';

/** What the canvas tells; indices are node positions in the document. */
export interface GraphHost {
  /** A click or a box; an empty list with 'replace' is a click on empty ground. */
  onSelect(indices: number[], how: 'replace' | 'toggle'): void;
  /** -1 when no node is under the pointer. */
  onHover(index: number): void;
  /** `index` is -1 on empty ground; `x`, `y` are client coordinates. */
  onContextMenu(index: number, x: number, y: number): void;
  /** A double click on a node. */
  onOpen(index: number): void;
  onCamera(zoom: number): void;
  /** The part of the world on screen, whenever it changes, and the drawing that it is a part of. */
  onView?(visible: Box, scene: Scene | null): void;
  /** What floats on the canvas, CSS px from its corner: a whole graph is shown beside it. */
  floats?(): Box[];
}
