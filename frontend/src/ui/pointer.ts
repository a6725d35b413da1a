// Whether the pointer moved, or something came to lie under it.

/** False for the events that a browser makes when a list opens or changes under a pointer at rest. */
export function moved(event: PointerEvent): boolean {
  return event.movementX !== 0 || event.movementY !== 0;
}
