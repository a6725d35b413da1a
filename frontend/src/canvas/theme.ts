// The colours and fonts of the canvas, read once from the page's CSS tokens for each theme.
import { inkOn, luminance, mix, onScale, parseHex, toHex } from '../lib/colour';

export interface Theme {
  readonly canvas: string;
  readonly surface: string;
  readonly surface2: string;
  readonly line: string;
  readonly lineStrong: string;
  readonly nodeLine: string;
  readonly edge: string;
  /** Far away, where lines step back behind the nodes: solid, so that crossings are no darker. */
  readonly edgeFar: string;
  readonly ink: string;
  readonly ink2: string;
  readonly ink3: string;
  readonly accent: string;
  readonly alert: string;
  readonly alertSoft: string;
  readonly match: string;
  readonly edited: string;
  /** Hairline round what has a colour of the scale, so that its ends show on white and black. */
  readonly tileLine: string;
  readonly fontUi: string;
  readonly fontMono: string;
  /** Strip colour of an operator category. */
  strip(category: string): string;
  /** Colour of a sparsity, 0..1, and black or white for the text on it. */
  scale(sparsity: number): string;
  scaleInk(sparsity: number): string;
}

const STOPS = 11;
const STEPS = 500;
/** How much of an edge's colour is left far away. */
const FAR_SHARE = 0.45;

/** Reads the tokens that hold at `element`. */
export function readTheme(element: Element): Theme {
  const style = getComputedStyle(element);
  const token = (name: string, otherwise = '#808080'): string =>
    style.getPropertyValue(name).trim() || otherwise;

  const stops = Array.from({ length: STOPS }, (_, i) => parseHex(token(`--sp-${i * 10}`)));
  // Each when it is first asked for: the first picture of a model has none yet.
  const colours: string[] = [];
  const inks: string[] = [];
  const step = (sparsity: number): number =>
    Math.round(Math.min(Math.max(sparsity || 0, 0), 1) * STEPS);
  const strips = new Map<string, string>();
  const surface = token('--surface', '#ffffff');
  const dark = luminance(parseHex(surface)) < 0.2;
  const canvas = token('--canvas', '#f4f6f8');
  const edge = token('--edge');
  return {
    surface,
    canvas,
    surface2: token('--surface-2', '#f3f5f8'),
    line: token('--line'),
    lineStrong: token('--line-strong'),
    nodeLine: token('--node-line'),
    edge,
    edgeFar: toHex(mix(parseHex(canvas), parseHex(edge), FAR_SHARE)),
    ink: token('--ink', '#000000'),
    ink2: token('--ink-2'),
    ink3: token('--ink-3'),
    accent: token('--accent'),
    alert: token('--alert'),
    alertSoft: token('--alert-soft'),
    match: token('--match'),
    edited: token('--edited'),
    tileLine: dark ? 'rgb(255 255 255 / .28)' : 'rgb(0 0 0 / .22)',
    fontUi: token('--font-ui', 'sans-serif'),
    fontMono: token('--font-mono', 'monospace'),
    strip(category) {
      let colour = strips.get(category);
      if (colour === undefined) {
        colour = token(`--op-${category}`, token('--op-custom'));
        strips.set(category, colour);
      }
      return colour;
    },
    scale: (sparsity) => {
      const at = step(sparsity);
      return (colours[at] ??= toHex(onScale(stops, at / STEPS)));
    },
    scaleInk: (sparsity) => {
      const at = step(sparsity);
      return (inks[at] ??= inkOn(onScale(stops, at / STEPS)));
    },
  };
}
