// When the camera stands still: what costs whole frames waits for that.
import { effect } from '@preact/signals';
import { visible } from './canvas';

/** The camera stands when it has not moved for so long, ms. */
const STILL = 150;
/** Nobody waits longer than this for a camera that never stops, ms. */
const PATIENCE = 4000;
const LOOK = 50; // ms between two looks

let moved = -Infinity;
let began = -Infinity;

effect(() => {
  if (visible.value === null) return;
  const now = performance.now();
  if (now - moved > STILL) began = now;
  moved = now;
});

/** False while the camera moves, for a while. */
export function isCalm(): boolean {
  const now = performance.now();
  return now - moved >= STILL || now - began >= PATIENCE;
}

/** Resolves once the camera stands still, or has moved for long enough. */
export async function calm(): Promise<void> {
  while (!isCalm()) await new Promise((done) => setTimeout(done, LOOK));
}
