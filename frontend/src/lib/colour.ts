// Colours as numbers: hex in, linear mixes between stops, and the ink that reads best on top.

/** Red, green, blue, each 0..255. */
export type Rgb = readonly [number, number, number];

const BLACK = '#000000';
const WHITE = '#ffffff';

/** Reads `#rgb` or `#rrggbb`; anything else is mid grey, so that a missing token stays visible. */
export function parseHex(text: string): Rgb {
  const hex = text.trim().replace(/^#/, '');
  const long = hex.length === 3 ? hex.replace(/./g, (digit) => digit + digit) : hex;
  if (!/^[0-9a-f]{6}$/i.test(long)) return [128, 128, 128];
  const value = Number.parseInt(long, 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

export function toHex(colour: Rgb): string {
  const value = (Math.round(colour[0]) << 16) | (Math.round(colour[1]) << 8) | Math.round(colour[2]);
  return `#${value.toString(16).padStart(6, '0')}`;
}

export function mix(from: Rgb, to: Rgb, t: number): Rgb {
  return [
    from[0] + (to[0] - from[0]) * t,
    from[1] + (to[1] - from[1]) * t,
    from[2] + (to[2] - from[2]) * t,
  ];
}

/** The colour at `t` (0..1, clamped) on evenly spaced stops, mixed linearly between neighbours. */
export function onScale(stops: readonly Rgb[], t: number): Rgb {
  const last = stops.length - 1;
  const place = Math.min(Math.max(Number.isNaN(t) ? 0 : t, 0), 1) * last;
  const left = Math.min(Math.floor(place), Math.max(last - 1, 0));
  return mix(stops[left], stops[Math.min(left + 1, last)], place - left);
}

/** Relative luminance, WCAG 2.2: 0.2126 R + 0.7152 G + 0.0722 B on linear channels. */
export function luminance(colour: Rgb): number {
  const linear = (channel: number): number => {
    const c = channel / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(colour[0]) + 0.7152 * linear(colour[1]) + 0.0722 * linear(colour[2]);
}

/** Contrast ratio, WCAG 2.2: (lighter + 0.05) / (darker + 0.05), 1..21. */
export function contrast(a: Rgb, b: Rgb): number {
  const [la, lb] = [luminance(a), luminance(b)];
  return (Math.max(la, lb) + 0.05) / (Math.min(la, lb) + 0.05);
}

/** Black or white, whichever contrasts more with `colour`. */
export function inkOn(colour: Rgb): typeof BLACK | typeof WHITE {
  return contrast(colour, [0, 0, 0]) >= contrast(colour, [255, 255, 255]) ? BLACK : WHITE;
}
