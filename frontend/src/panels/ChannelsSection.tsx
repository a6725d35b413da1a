// The density of each output and input channel, and which of them are dead.
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { channelAt, fullScale, paintProfile } from '../canvas/profile-paint';
import { readTheme } from '../canvas/theme';
import { count, percent } from '../lib/numbers';
import { channelName } from '../state/entries';
import { theme } from '../state/theme';
import type { MaskFacts, Profile, Profiles, WeightRow } from '../api/schema';

const WIDTH = 224;
const HEIGHT = 34;
const LISTED = 12;

export function ChannelsSection({ row, profiles, mask }: { row: WeightRow; profiles: Profiles; mask: MaskFacts }) {
  // Quiet where there is nothing to see: every channel is full.
  if ([profiles.out, profiles.in].every((side) => side.low.every((share) => share === 1))) return null;
  return (
    <div class="sec">
      <h3>Channels <span class="aside">share of non-zeros in each</span></h3>
      <Side row={row} side="out" profile={profiles.out} perPart={mask.out} />
      {mask.out * mask.in > 1 && <Side row={row} side="in" profile={profiles.in} perPart={mask.in} />}
    </div>
  );
}

function Side({ row, side, profile, perPart }: { row: WeightRow; side: 'out' | 'in'; profile: Profile; perPart: number }) {
  const box = useRef<HTMLCanvasElement>(null);
  const [at, setAt] = useState<number | null>(null);
  const shown = theme.value;
  const ratio = devicePixelRatio || 1;
  useLayoutEffect(() => {
    const canvas = box.current!;
    canvas.width = Math.round(WIDTH * ratio);
    canvas.height = Math.round(HEIGHT * ratio);
    const ctx = canvas.getContext('2d');
    if (ctx) paintProfile(ctx, profile, { width: WIDTH, height: HEIGHT }, ratio, readTheme(canvas));
  }, [profile, shown, ratio]);
  const name = (channel: number) => channelName(row, profile.stack, perPart, channel);
  return (
    <>
      <div class="profile">
        <span class="profile-side">{side} {count(profile.channels)}<span class="muted">to {percent(fullScale(profile), 0)}</span></span>
        <canvas ref={box} style={{ width: `${WIDTH}px`, height: `${HEIGHT}px` }} role="img"
          aria-label={`${side}: ${count(profile.channels)} channels, ${count(profile.dead_count)} of them dead`}
          onPointerMove={(event) => setAt(channelAt(profile, event.offsetX, WIDTH))} onPointerLeave={() => setAt(null)} />
        <span class="profile-side num">
          {at === null
            ? <>{count(profile.dead_count)}<span class="muted">dead</span></>
            : <>{percent(profile.mean[Math.floor(at / profile.per_bin)] ?? 0, 1)}<span class="muted">{binText(profile, at, name)}</span></>}
        </span>
      </div>
      {profile.dead_count > 0 && profile.dead_count < profile.channels && (
        <p class="closeup-note selectable">dead {side}: {deadText(profile, name)}</p>
      )}
    </>
  );
}

function binText(profile: Profile, at: number, name: (channel: number) => string): string {
  const last = Math.min(profile.channels, at + profile.per_bin) - 1;
  return last === at ? name(at) : `${name(at)}–${name(last)}`;
}

/** Runs of neighbours as one: "3, 8–11, 40 and 12 more". */
export function deadText(profile: Profile, name: (channel: number) => string): string {
  const runs: [number, number][] = [];
  for (const channel of profile.dead) {
    const run = runs.at(-1);
    if (run && run[1] === channel - 1) run[1] = channel;
    else runs.push([channel, channel]);
  }
  const told = runs.slice(0, LISTED);
  const counted = told.reduce((sum, [from, to]) => sum + to - from + 1, 0);
  const text = told.map(([from, to]) => (from === to ? name(from) : `${name(from)}–${name(to)}`)).join(', ');
  return counted < profile.dead_count ? `${text} and ${count(profile.dead_count - counted)} more` : text;
}
