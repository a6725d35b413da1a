// What the colours, looks and glyphs on the canvas mean, as the colour mode tells it.
import type { LegendKey } from '../canvas/modes/mode';
import { labelWidth } from '../graph/sizes';
import { IconButton } from '../ui/controls';
import { Glyph, Icon } from '../ui/icon';
import { legend } from '../state/view';
import { facts, mode } from './colours';

export function Legend() {
  const toggle = () => {
    legend.value = !legend.value;
  };
  if (!legend.value) {
    return (
      <div class="float legend-folded">
        <button type="button" class="btn plain" onClick={toggle} title="Show the legend (L)"><Icon name="info" />Legend</button>
      </div>
    );
  }
  if (facts.value === null) return null;
  const { title, scale, groups } = mode.value.legend(facts.value);
  return (
    <div class="float legend" role="note" aria-label="Legend">
      <h4>{title}
        <IconButton label="Hide the legend" hotkey="L" onClick={toggle}><Icon name="down" /></IconButton>
      </h4>
      {scale && (
        <>
          <div class="scale" style={{ background: gradient(scale.colours, scale.steps ?? false) }} />
          <div class="ticks">{scale.ticks.map((tick) => <span key={tick}>{tick}</span>)}</div>
        </>
      )}
      {groups.map((keys, at) => (
        <div class={`legend-keys${at === 0 && !scale ? ' first' : ''}`} key={at}>{keys.map((key) => <span key={key.text} class={isWide(key) ? 'wide' : ''}><Sign sign={key} /><span class="clip" title={key.text}>{key.text}</span></span>)}</div>
      ))}
    </div>
  );
}

/** Of half of the legend, px: what stands in it, and what a sign takes of that, with its gap. */
const HALF = 115;
const SIGN = { colour: 24, glyph: 18 };

/** Whether a text needs a line of its own: its end may be a count. */
function isWide({ text, look, colour, glyph }: LegendKey): boolean {
  const sign = (look !== undefined || colour !== undefined ? SIGN.colour : 0) + (glyph ? SIGN.glyph : 0);
  return (labelWidth(text) * 11) / 12 > HALF - sign;
}

function Sign({ sign: { look, colour, glyph } }: { sign: LegendKey }) {
  if (look === 'claim') return <i class="look look-claim" style={colour === undefined ? undefined : { '--stripe': colour }} />;
  if (look !== undefined) return <i class={`look look-${look}`} />;
  return (
    <>
      {colour !== undefined && <i class="look look-solid" style={{ background: colour }} />}
      {glyph && <Glyph name={glyph} />}
    </>
  );
}

/** Colours side by side: sharp steps, or running into each other. */
function gradient(colours: readonly string[], steps: boolean): string {
  const share = 100 / colours.length;
  const stops = steps ? colours.map((colour, at) => `${colour} ${at * share}% ${(at + 1) * share}%`) : colours;
  return `linear-gradient(90deg, ${stops.join(', ')})`;
}
