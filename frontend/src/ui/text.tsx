// Small pieces of text: names elided in the middle, formats with their glyph, keys, meters.
import { glyphOf } from '../lib/glyphs';
import { Glyph } from './icon';

/** Keeps the end of a path in sight and lets its beginning shrink to what room there is. */
export function Middle({ text, mono = true }: { text: string; mono?: boolean }) {
  const cut = splitPoint(text);
  return (
    <span class={mono ? 'middle mono' : 'middle'} title={text}>
      <span class="middle-head">{text.slice(0, cut)}</span><span class="middle-tail">{text.slice(cut)}</span>
    </span>
  );
}

const TAIL = 26;

function splitPoint(text: string): number {
  if (text.length <= TAIL) return text.length;
  const from = text.length - TAIL;
  const slash = text.indexOf('/', from);
  return slash >= 0 && slash < text.length - 4 ? slash : from;
}

export function Format({ name }: { name: string | null }) {
  return <span class="format"><Glyph name={glyphOf(name)} />{name ?? 'not measured'}</span>;
}

export function Keys({ hotkey }: { hotkey: string }) {
  return <kbd>{hotkey}</kbd>;
}

/** A share 0..1 as a bar. */
export function Meter({ share, tone = '' }: { share: number; tone?: '' | 'accent' | 'ok' }) {
  const width = `${Math.max(0, Math.min(1, share)) * 100}%`;
  return <span class={`meter ${tone}`}><i style={{ width }} /></span>;
}
