// Small pieces of text: names elided in the middle, formats with their glyph, keys, meters.
import { glyphOf } from '../lib/glyphs';
import { shortName, splitName } from '../lib/names';
import { Glyph } from './icon';

/** In little room a name loses its beginning, then its end; the part that tells blocks apart stays. */
export function Middle({ text, mono = true }: { text: string; mono?: boolean }) {
  // One line, whatever a model calls its parts; the whole name, with its breaks, is in the title.
  const { head, key, tail } = splitName(text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' '));
  return (
    <span class={mono ? 'middle mono' : 'middle'} title={text}>
      {head !== '' && <span class={head.length > 2 ? 'middle-head' : 'middle-key'}>{head}</span>}<span class="middle-key">{key}</span>{tail !== '' && <span class="middle-tail">{tail}</span>}
    </span>
  );
}

/** A name in a narrow column, shortened in its middle to so many letters. */
export function Short({ text, whole = text, letters }: { text: string; whole?: string; letters: number }) {
  return <span class="mono clip short-name" title={whole}>{shortName(text, letters)}</span>;
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
