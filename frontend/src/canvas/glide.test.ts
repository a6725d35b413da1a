// Zooming in frames: quick steps add up exactly, no frame goes back or beyond, and it comes to rest.
import { describe, expect, it } from 'vitest';
import { Camera } from './camera';
import { Glide } from './glide';

const AT = { x: 100, y: 50 };

function open(zoom = 1): { camera: Camera; glide: Glide } {
  const camera = new Camera();
  [camera.width, camera.height] = [800, 600];
  camera.zoomTo(zoom);
  return { camera, glide: new Glide(camera, (to, at) => camera.zoomTo(to, at)) };
}

/** The zooms of all frames to its end. */
function run(camera: Camera, glide: Glide, now: number): number[] {
  const seen = [];
  for (let frame = 1; glide.running && frame < 100; frame++) {
    glide.step(now + 16 * frame);
    seen.push(camera.zoom);
  }
  return seen;
}

describe('a gliding zoom', () => {
  it('moves at once, never back, and ends at its goal within a quarter of a second', () => {
    for (const factor of [1.25, 0.8, 3]) {
      const { camera, glide } = open();
      const world = camera.toWorld(AT);
      glide.push(factor, AT, 0);
      const first = camera.zoom;
      expect((first - 1) * (factor - 1)).toBeGreaterThan(0);
      const seen = [first, ...run(camera, glide, 0)];
      expect(seen.at(-1)).toBeCloseTo(factor, 12);
      expect(seen.length).toBeLessThan(250 / 16);
      seen.slice(1).forEach((zoom, k) => expect((zoom - seen[k]!) * (factor - 1)).toBeGreaterThan(0));
      // What was under the pointer still is.
      expect(camera.toWorld(AT).x).toBeCloseTo(world.x);
      expect(camera.toWorld(AT).y).toBeCloseTo(world.y);
    }
  });

  it('adds up quick steps as if each had been taken at once', () => {
    const { camera, glide } = open(0.5);
    for (let step = 0; step < 5; step++) {
      glide.step(20 * step);
      glide.push(1.25, AT, 20 * step);
    }
    run(camera, glide, 100);
    expect(camera.zoom).toBeCloseTo(0.5 * 1.25 ** 5, 12);
  });

  it('tells once that it has come to rest', () => {
    const { glide } = open();
    glide.push(2, AT, 0);
    const told = Array.from({ length: 60 }, (_, frame) => glide.step(16 * (frame + 1)));
    expect(told.filter(Boolean)).toHaveLength(1);
  });

  it('gives way to whatever else moves the camera', () => {
    const { camera, glide } = open();
    glide.push(2, AT, 0);
    camera.panBy(5, 0);
    const { x, zoom } = camera;
    expect(glide.step(16)).toBe(true);
    expect([camera.x, camera.zoom, glide.running]).toEqual([x, zoom, false]);
    // A step after that begins where the camera is.
    glide.push(2, AT, 500);
    run(camera, glide, 500);
    expect(camera.zoom).toBeCloseTo(2 * zoom, 12);
  });

  it('ends where the camera goes no further', () => {
    const { camera, glide } = open(3.9);
    glide.push(5, AT, 0);
    expect(run(camera, glide, 0).length).toBeLessThan(5);
    expect(camera.zoom).toBe(4);
    glide.push(0.5, AT, 1000);
    run(camera, glide, 1000);
    expect(camera.zoom).toBeCloseTo(2, 12);
  });
});
