// Line icons on a 16 px grid, and the format glyphs, as inline SVG in the text's colour.
import { GLYPH_PATHS, type GlyphName } from '../lib/glyphs';

const ICONS = {
  menu: 'M2 4h12M2 8h12M2 12h12',
  down: 'm4 6 4 4 4-4',
  up: 'm4 10 4-4 4 4',
  left: 'm10 4-4 4 4 4',
  right: 'm6 4 4 4-4 4',
  back: 'M13.5 8h-11M7 3.500 2.5 8 7 12.500',
  search: 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10ZM10.7 10.7 14 14',
  undo: 'M6 3 3 6l3 3M3 6h6.5a3.5 3.5 0 0 1 0 7H6',
  redo: 'm10 3 3 3-3 3M13 6H6.5a3.5 3.5 0 0 0 0 7H10',
  plus: 'M8 3v10M3 8h10',
  minus: 'M3 8h10',
  fit: 'M3 6V3h3M10 3h3v3M13 10v3h-3M6 13H3v-3',
  copy: 'M6 6h7v7H6zM3.5 10H3V3h7v.5',
  check: 'm3 8.5 3 3 7-7',
  target: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 10.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z',
  data: 'M3 4c0-1.7 10-1.7 10 0v8c0 1.7-10 1.7-10 0zM3 4c0 1.7 10 1.7 10 0M3 8c0 1.7 10 1.7 10 0',
  effect: 'M2.5 13.5h11M4 11V7.5M8 11V3M12 11V9',
  curve: 'M2.5 2.5v11h11M4.5 11c3 0 4-1.5 5-4s1.500-3.500 3.500-4',
  similar: 'M2.5 2.5h5v5h-5zM8.5 8.5h5v5h-5zM10 2.5h3.5V6M2.5 10v3.5H6',
  table: 'M2.5 3h11v10h-11zM2.5 6.5h11M2.5 9.75h11M6 6.5V13',
  close: 'm4 4 8 8M12 4l-8 8',
  warn: 'M8 2.5 14 13H2ZM8 6.5v3M8 11.2v.2',
  light: 'M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM8 1.5v1M8 13.5v1M1.5 8h1M13.5 8h1M3.4 3.4l.7.7M11.9 11.9l.7.7M3.4 12.6l.7-.7M11.9 4.1l.7-.7',
  dark: 'M13 9.6A5.6 5.6 0 0 1 6.4 3a5.6 5.6 0 1 0 6.6 6.6Z',
  drop: 'M8 2v8M4.5 7 8 10.5 11.5 7M3 13.5h10',
  folder: 'M2 4h4l1.5 2H14v7H2z',
  file: 'M4 2h5l3 3v9H4zM9 2v3h3',
  panel: 'M2.5 3h11v10h-11zM9.5 3v10',
  into: 'M3 8h7M7 5l3 3-3 3M13 3v10',
  info: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 7.2v4M8 4.9v.2',
  lock: 'M3.5 7.5h9v6h-9zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5',
  unlock: 'M3.5 7.5h9v6h-9zM5.5 7.5V4.5a2.5 2.5 0 0 1 4.8-1',
  stack: 'M8 2.5 14 5.5 8 8.5 2 5.5ZM2 8.5l6 3 6-3M2 11l6 3 6-3',
  budget: 'M2 5h12v6H2zM6 5v6M9 5v6',
  list: 'M5.5 4H14M5.5 8H14M5.5 12H14M2 4h.5M2 8h.5M2 12h.5',
} as const;

export type IconName = keyof typeof ICONS;

export function Icon({ name }: { name: IconName }) {
  return <svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d={ICONS[name]} /></svg>;
}

export function Glyph({ name }: { name: GlyphName }) {
  return (
    <svg class="glyph" viewBox="0 0 12 12" aria-hidden="true">
      {GLYPH_PATHS[name].map((path) => (path.stroke
        ? <path key={path.d} d={path.d} fill="none" stroke="currentColor" stroke-width={path.stroke} />
        : <path key={path.d} d={path.d} fill="currentColor" />))}
    </svg>
  );
}
