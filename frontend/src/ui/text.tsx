// Small pieces of text: names elided in the middle, formats with their glyph, keys, meters.
import { glyphOf } from '../lib/glyphs';
import { shortName, splitName } from '../lib/names';
import { Glyph } from './icon';

/** On one line, whatever a model or a folder calls its parts; the whole name, with its breaks, is in the title. */
const oneLine = (text: string) => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');

/** In little room a name loses its beginning, then its end; the part that tells blocks apart stays. */
export function Middle({ text, mono = true }: { text: string; mono?: boolean }) {
  const { head, key, tail } = splitName(oneLine(text));
  return (
    <span class={mono ? 'middle mono' : 'middle'} title={text}>
      {head !== '' && <span class={head.length > 2 ? 'middle-head' : 'middle-key'}>{head}</span>}<span class="middle-key">{key}</span>{tail !== '' && <span class="middle-tail">{tail}</span>}
    </span>
  );
}

/** Letters of a file's name that stay at its end: what tells variants of one model apart stands before the dot. */
const FILE_END = 12;
/** A shorter name is not shortened in its middle. */
const LONG_FILE = 22;

/** A file's name, shortened in its middle where there is little room: both ends say something. */
export function FileName({ text }: { text: string }) {
  const name = oneLine(text);
  const cut = name.length < LONG_FILE ? 0 : name.length - FILE_END;
  return (
    <span class="middle" title={text}>
      {cut > 0 && <span class="middle-start">{name.slice(0, cut)}</span>}<span class="middle-key">{name.slice(cut)}</span>
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
