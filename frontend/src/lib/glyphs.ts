// The format glyphs: names, order (GraphView's tiles index it) and 12 x 12 paths, for SVG and canvas alike.

export interface GlyphPath {
  d: string;
  /** stroke width; absent: filled */
  stroke?: number;
}

export const GLYPHS = [
  'dense', 'unstructured', 'nm', 'block', 'channel-out', 'channel-in', 'sparse-tensor', 'unknown', 'na', 'mismatch',
] as const;

export type GlyphName = (typeof GLYPHS)[number];

/** Filled cells are weights that are not zero. */
export const GLYPH_PATHS: Record<GlyphName, readonly GlyphPath[]> = {
  dense: [{ d: 'M2 1h8a1 1 0 0 1 1 1v8a1 1 0 0 1-1 1H2a1 1 0 0 1-1-1V2a1 1 0 0 1 1-1z' }],
  unstructured: [{ d: 'M1 1h2v2H1zM6 2h2v2H6zM3 5h2v2H3zM9 5h2v2H9zM1 9h2v2H1zM6 8h2v2H6z' }],
  nm: [{ d: 'M0 1h2v10H0zM3 1h2v10H3zM6 9h2v2H6zM9 9h2v2H9z' }],
  block: [{ d: 'M1 1h5v5H1zM6 6h5v5H6z' }, { d: 'M6 1.5h4.5V6M1.5 6v4.5H6', stroke: 1 }],
  'channel-out': [{ d: 'M1 1h10v2H1zM1 9h10v2H1zM1 5h2v2H1zM5 5h2v2H5zM9 5h2v2H9z' }],
  'channel-in': [{ d: 'M1 1h2v10H1zM9 1h2v10H9zM5 1h2v2H5zM5 5h2v2H5zM5 9h2v2H5z' }],
  'sparse-tensor': [
    { d: 'M3.25 1.75H1.75v8.5h1.5M8.75 1.75h1.5v8.5h-1.5', stroke: 1.5 },
    { d: 'M5 3h2v2H5zM5 7h2v2H5z' },
  ],
  unknown: [
    { d: 'M3.6 4.2c0-1.5 1-2.4 2.5-2.4s2.4.9 2.4 2.2c0 1.8-2.4 1.8-2.4 3.8', stroke: 1.6 },
    { d: 'M5.2 9.2h1.8V11H5.2z' },
  ],
  na: [{ d: 'M2 5h8v2H2z' }],
  mismatch: [{ d: 'M1.5 4.3h9M1.5 7.7h9M8.3 1.2 3.7 10.8', stroke: 1.6 }],
};

/** The glyph of a sparsity format's name ("2:4", "bsr:4x4", "channel:out" ...); null: not known yet. */
export function glyphOf(format: string | null): GlyphName {
  if (format === null) return 'unknown';
  const name = format.toLowerCase();
  if (name === 'dense') return 'dense';
  if (name === 'unstructured' || name === 'mixed') return 'unstructured';
  if (/^\d+:\d+$/.test(name)) return 'nm';
  if (name.startsWith('bsr')) return 'block';
  if (name === 'channel:in') return 'channel-in';
  if (name.startsWith('channel')) return 'channel-out';
  if (name === 'coo' || name === 'csr') return 'sparse-tensor';
  return 'unknown';
}

export function glyphIndex(name: GlyphName): number {
  return GLYPHS.indexOf(name);
}
