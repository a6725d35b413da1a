// The mask: bytes to ink, whole pixels at every zoom, lines between panels, rings round groups.
import { describe, expect, it } from 'vitest';
import { sampleMask, sampleViolations } from '../api/sample-weight';
import { centred, fitZoom, fitted, nextZoom, placeAt, settled, tilesInSight, zoomed } from './mask-camera';
import { bytesOf, inkOf, maskPixels } from './mask-look';
import { paintBoundaries, paintGroups, paintPartNames, paintPatch, type Frame } from './mask-paint';
import { recorder } from './recorder';
import type { Theme } from './theme';

const THEME = { accent: 'accent', alert: 'alert', surface: 'surface', ink2: 'ink-2', fontUi: 'ui' } as Theme;
const FRAME: Frame = { x: 10, y: 20, perRow: 8, perColumn: 8, ratio: 1 };
const IMAGE = { width: 5000, height: 300 };
const VIEW = { width: 800, height: 600 };

describe('ink', () => {
  it('leaves zeros bare and lets the smallest weight show', () => {
    for (const look of ['both', 'zeros', 'magnitudes'] as const) {
      expect(inkOf(0, 0, look)).toBe(0);
      expect(inkOf(1, 1, look)).toBeGreaterThan(0.02);
      expect(inkOf(255, 255, look)).toBe(1);
    }
    expect(inkOf(255, 1, 'zeros')).toBe(1);
    expect(inkOf(1, 255, 'magnitudes')).toBe(1);
    expect(inkOf(255, 200, 'both')).toBeGreaterThan(inkOf(255, 100, 'both'));
    expect(inkOf(200, 200, 'both')).toBeGreaterThan(inkOf(100, 200, 'both'));
  });

  it('mixes paper and ink into opaque pixels', () => {
    const pixels = maskPixels(new Uint8Array([0, 255]), new Uint8Array([0, 255]), '#ffffff', '#102030', 'both');
    expect([...pixels]).toEqual([255, 255, 255, 255, 16, 32, 48, 255]);
  });

  it('reads base64', () => expect([...bytesOf(btoa('\u0000\u00ff\u0007'))]).toEqual([0, 255, 7]));
});

describe('camera', () => {
  it('knows zooms of whole pixels only', () => {
    let zoom = 1 / 64;
    const seen = [zoom];
    for (let step = 0; step < 40; step += 1) {
      zoom = nextZoom(zoom, 1);
      seen.push(zoom);
    }
    expect(seen.every((one) => Number.isInteger(one) || Number.isInteger(1 / one))).toBe(true);
    expect(seen.at(-1)).toBe(48);
    expect(new Set(seen).size).toBe(17);
    for (let step = 0; step < 60; step += 1) zoom = nextZoom(zoom, -1);
    expect(zoom).toBe(1 / 2 ** 14);
    expect(nextZoom(1, -1)).toBe(0.5);
    expect(nextZoom(0.5, 1)).toBe(1);
  });

  it('fits an image of any size', () => {
    expect(fitZoom(IMAGE, VIEW)).toBe(1 / 8);
    expect(fitZoom({ width: 30, height: 40 }, VIEW)).toBe(12);
    expect(fitZoom({ width: 2, height: 2 }, VIEW)).toBe(48);
    const camera = fitted(IMAGE, VIEW);
    expect([camera.x, camera.y]).toEqual([Math.floor((800 - 625) / 2), Math.floor((600 - 38) / 2)]);
  });

  it('zooms about a point and stays on whole pixels', () => {
    const before = centred(150, 2500, 2, IMAGE, VIEW);
    const at = { x: 333, y: 250 };
    const place = placeAt(before, at.x, at.y);
    const after = zoomed(before, 16, at, IMAGE, VIEW);
    expect(placeAt(after, at.x, at.y)).toEqual(place);
    expect([after.x, after.y].every(Number.isInteger)).toBe(true);
  });

  it('never loses the image', () => {
    const camera = settled({ zoom: 4, x: 9999, y: -9999 }, IMAGE, VIEW);
    expect(camera.x).toBe(24);
    expect(camera.y).toBe(600 - 1200 - 24);
  });

  it('asks for the tiles in sight and no other', () => {
    const tiles = tilesInSight({ zoom: 2, x: -600, y: 0 }, IMAGE, VIEW, 256);
    const places = tiles.map((tile) => `${tile.row},${tile.column}`).toSorted();
    // 600 px to the left are 300 weights; 800 px are 400 more; 300 rows take two tiles.
    expect(places).toEqual(['0,1', '0,2', '1,1', '1,2']);
    expect(tilesInSight({ zoom: 1 / 8, x: 0, y: 0 }, IMAGE, VIEW, 256)).toHaveLength(3);
    expect(tilesInSight({ zoom: 1 / 8, x: 0, y: 0 }, IMAGE, VIEW, 256).every((tile) => tile.pool === 8)).toBe(true);
  });
});

describe('paint', () => {
  it('draws a patch without smoothing, each pixel a whole square', () => {
    const { context, named } = recorder();
    const image = {} as CanvasImageSource;
    paintPatch(context, { ...FRAME, perRow: 0.5, perColumn: 0.5 }, { image, row: 512, column: 0, rows: 90, columns: 100, width: 50, height: 45, poolRows: 2, poolColumns: 2 });
    expect(context.imageSmoothingEnabled).toBe(false);
    expect(named('drawImage')[0]!.args.slice(1)).toEqual([10, 20 + 256, 50, 45]);
  });

  it('parts kernel positions and stacked parts, not where lines would crowd', () => {
    const grid = recorder();
    paintBoundaries(grid.context, FRAME, sampleMask(), THEME);
    const lines = grid.named('fillRect').map((call) => call.args);
    expect(lines).toEqual([[10 + 40, 20, 1, 96], [10 + 80, 20, 1, 96], [10, 20 + 32, 120, 1], [10, 20 + 64, 120, 1]]);
    const gates = recorder();
    paintBoundaries(gates.context, FRAME, sampleMask({ stack: 4, out: 3, kernel: 1, kernel_rows: 1, kernel_columns: 1, in: 15 }), THEME);
    expect(gates.named('fillRect').map((call) => call.args[1])).toEqual([20 + 24, 20 + 48, 20 + 72]);
    const depthwise = recorder();
    paintBoundaries(depthwise.context, FRAME, sampleMask({ stack: 12, out: 1, kernel_rows: 1, kernel_columns: 15, in: 1 }), THEME);
    expect(depthwise.named('fillRect')).toEqual([]);
    const far = recorder();
    paintBoundaries(far.context, { ...FRAME, perRow: 0.5, perColumn: 0.5 }, sampleMask(), THEME);
    expect(far.named('fillRect')).toEqual([]);
  });

  it('names gates beside the image, or on it where there is no room', () => {
    const mask = sampleMask({ stack: 4, out: 3, kernel: 1, kernel_rows: 1, kernel_columns: 1, in: 15 });
    const names = ['gate i', 'gate o', 'gate f', 'gate c'];
    const wide = recorder();
    paintPartNames(wide.context, { ...FRAME, x: 200 }, mask, names, 600, THEME);
    expect(wide.texts()).toEqual(names);
    expect(wide.named('fillText').every((call) => (call.args[1] as number) < 200)).toBe(true);
    const narrow = recorder();
    paintPartNames(narrow.context, FRAME, mask, names, 40, THEME);
    expect(narrow.texts()).toEqual(['gate i']);
    expect(narrow.named('fillRect')[0]!.args[0]).toBe(2);
    const small = recorder();
    paintPartNames(small.context, { ...FRAME, perRow: 1 }, mask, names, 600, THEME);
    expect(small.texts()).toEqual([]);
  });

  it('frames groups that are large and rings those that are small', () => {
    const large = recorder();
    paintGroups(large.context, FRAME, sampleViolations(), 24, 1, THEME);
    expect(large.named('roundRect').map((call) => call.args.slice(0, 4))).toEqual([[8, 26, 36, 12], [88, 98, 36, 12]]);
    expect(large.named('stroke').map((call) => [call.stroke, call.lineWidth])).toEqual([['alert', 1.5], ['alert', 2.5]]);
    const small = recorder();
    paintGroups(small.context, { ...FRAME, perRow: 1, perColumn: 1 }, sampleViolations(), 1, -1, THEME);
    expect(small.named('arc').map((call) => call.args.slice(0, 3))).toEqual([[12, 21.5, 5]]);
    const channel = recorder();
    const row = { stack: 0, out: 1, kernel: 0, in: 0, row: 1, column: 0, nonzeros: 3, height: 1, width: 100 };
    paintGroups(channel.context, { ...FRAME, perRow: 1, perColumn: 1 }, sampleViolations({ first: [row] }), 1, -1, THEME);
    expect(channel.named('roundRect').map((call) => call.args.slice(2, 4))).toEqual([[104, 5]]);
  });
});
