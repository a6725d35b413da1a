// A long thin drawing cut into bands that stand side by side, so that the whole model fills a screen.
import type { Box } from '../lib/geometry';
import { extent, meanWidth, profileOf, STEP, type Profile } from './profile';
import type { Scene } from './scene';

/** "Along" is the way the graph flows, "across" the other one: y and x of a drawing that goes down. */
export interface Fold {
  readonly bands: number;
  /** Where each band begins along the flat drawing, px, and where the last one ends. */
  readonly cuts: Float64Array;
  /** What is added to the points of each band, px. */
  readonly across: Float64Array;
  readonly along: Float64Array;
  /** What stays free between two bands, px. */
  readonly gutter: number;
  /** Place across of the line that leads to each band from the one before: in the middle between them. */
  readonly lane: Float64Array;
  /** From a band's ends to the level run of that line, px. */
  readonly turn: number;
  /** Size of the folded drawing, px. */
  readonly wide: number;
  readonly deep: number;
  /** The zoom at which its bands keep clear of what is taken of the room. */
  readonly zoom: number;
}

/** Room on the screen, px. */
export interface Room {
  readonly width: number;
  readonly height: number;
  /** Parts of it where nothing may stand, px from its corner: bands there are shorter. */
  readonly taken?: readonly Box[];
}

/** Bands stand at least this far apart, px, or this share of the drawing's mean width. */
const GUTTER = 64;
const GUTTER_SHARE = 0.16;
/** Above and below the bands: room for the lines that join them, px, or this share of the room. */
const MARGIN = 44;
const MARGIN_SHARE = 0.02;
/** No band is shorter, px: about six nodes. */
const SHORTEST = 400;
/** More columns than this are too thin to be told apart. */
const MOST_BANDS = 160;
/** A band ends where few lines pass: one line less is worth this share of its length. */
const PER_LINE = 0.07;
/** At most this share of the room below a band stays free for the sake of a better cut. */
const WINDOW = 0.2;
/** The zoom is found to this share. */
const EXACT = 1.01;
/** A last band shorter than this share of the longest is mended where bands or zoom lose no more than so much. */
const WIDOW = 0.4;
const SHORTER = 0.97;
const LEAST_SHARE = 0.8;

/**
 * The fold that shows the whole drawing largest in the room: bands fill it one after another, each
 * as long as the room is where it stands, and end between nodes, where few lines pass. Null where
 * no fold shows the drawing larger than it is flat.
 */
export function planFold(scene: Scene, room: Room): Fold | null {
  const down = scene.direction === 'down';
  const across = down ? room.width : room.height;
  const along = down ? room.height : room.width;
  const taken = (room.taken ?? []).map((box): Taken => {
    const [x, y] = [box.x + box.width, box.y + box.height];
    return down
      ? { left: box.x, right: x, from: box.y, to: y }
      : { left: box.y, right: y, from: box.x, to: x };
  });
  const profile = profileOf(scene);
  if (profile.length * STEP < 2 * SHORTEST) return null;
  const mean = meanWidth(profile);
  const gutter = Math.round(Math.max(GUTTER, GUTTER_SHARE * mean));
  const fill = (zoom: number, share = 1): Fold | null => {
    const inWay = taken.map((one) => scaled(one, 1 / zoom));
    const from = (left: number): Fold | null =>
      fillBands(profile, across / zoom, along / zoom, share, gutter, inWay.map((one) => moved(one, -left)), zoom);
    return inTheMiddle(from, across / zoom);
  };
  let low = EXACT * zoomIn(scene.width, scene.height, room);
  let best = fill(low);
  // If it were as wide as in the mean all along, without gutters, it would just fill the room.
  let high = Math.max(Math.sqrt((across * along) / Math.max(profile.length * STEP * mean, 1)), low) * 2;
  if (best === null || best.bands < 2) return null;
  while (high > low * EXACT) {
    const zoom = Math.sqrt(low * high);
    const fold = fill(zoom);
    if (fold === null) high = zoom;
    else [low, best] = [zoom, fold];
  }
  return withoutWidow(best, (share, smaller) => fill(low * smaller, share));
}

/** Goes until the place of the middle no longer changes what stands there. */
const GOES = 4;

/**
 * The bands as they fill a room whose middle they stand in: narrower ones than the room begin at some
 * distance from its edge, maybe beyond what is taken there. `from` fills the room from a place on.
 */
function inTheMiddle(from: (left: number) => Fold | null, across: number): Fold | null {
  let left = 2 * across; // where nothing is in the way
  let best = from(left);
  if (best === null) return null;
  for (let go = 0; go < GOES && best !== null; go++) {
    const middle = Math.max((across - best.wide) / 2, 0);
    if (Math.abs(middle - left) < 1) return best;
    left = middle;
    best = from(left);
  }
  // No such place: from the edge on is one where they may have room, too.
  return from(0);
}

/** Where the last band is short, the same with shorter bands, or with one band less. */
function withoutWidow(best: Fold, fill: (share: number, smaller: number) => Fold | null): Fold {
  if (lastOf(best) >= WIDOW) return best;
  for (let by = SHORTER; by > LEAST_SHARE; by *= SHORTER) {
    for (const fold of [fill(by, 1), fill(1, by)]) {
      if (fold !== null && fold.bands <= best.bands && lastOf(fold) >= WIDOW) return fold;
    }
  }
  return best;
}

/** Length of the last band, as a share of the longest one's. */
function lastOf({ cuts, bands }: Fold): number {
  let longest = 0;
  for (let band = 0; band < bands; band++) longest = Math.max(longest, cuts[band + 1] - cuts[band]);
  return (cuts[bands] - cuts[bands - 1]) / longest;
}

/** The greatest zoom at which a drawing is whole in the room. */
function zoomIn(width: number, height: number, room: Room): number {
  return Math.min(room.width / width, room.height / height);
}

/** What may not be drawn on, across from `left` to `right` and along between the others. */
interface Taken {
  readonly left: number;
  readonly right: number;
  readonly from: number;
  readonly to: number;
}

function scaled({ left, right, from, to }: Taken, by: number): Taken {
  return { left: left * by, right: right * by, from: from * by, to: to * by };
}

function moved(one: Taken, by: number): Taken {
  return { ...one, left: one.left + by, right: one.right + by };
}

/** The longest free stretch along, for what stands across between `left` and `right`. */
function freeStretch(taken: readonly Taken[], along: number, left: number, right: number): [from: number, to: number] {
  const inWay = taken.filter((one) => one.left < right && one.right > left).toSorted((a, b) => a.from - b.from);
  let [from, to] = [0, 0];
  let at = 0;
  for (const one of [...inWay, { from: along, to: along }]) {
    if (one.from - at > to - from) [from, to] = [at, one.from];
    at = Math.max(at, one.to);
  }
  return [from, to];
}

/**
 * Bands one beside another, each from where the last one ends, as deep as is free but at most `share`
 * of the room; null where they are too wide for it.
 */
function fillBands(
  profile: Profile,
  across: number,
  along: number,
  share: number,
  gutter: number,
  taken: readonly Taken[],
  zoom: number,
): Fold | null {
  const margin = Math.round(Math.max(MARGIN, MARGIN_SHARE * along));
  const cuts = [0];
  const shift: { readonly across: number; readonly along: number; readonly lane: number }[] = [];
  let begin = 0; // steps
  let place = 0; // where the next band begins across, px
  let deep = 0;
  while (begin < profile.length) {
    if (cuts.length > MOST_BANDS || place >= across) return null;
    const most = Math.floor((along - 2 * margin) / STEP);
    let [left, right] = extent(profile, begin, Math.min(begin + most, profile.length));
    // With the line to the next band, right of it.
    let [from, to] = freeStretch(taken, along, place, place + right - left + gutter);
    if (to - from - 2 * margin < SHORTEST) {
      const passed = taken.map((one) => one.right).filter((edge) => edge > place);
      if (passed.length === 0) return null;
      place = Math.min(...passed);
      continue;
    }
    const depth = Math.min(to - from, share * along) - 2 * margin;
    const end = cutAfter(profile, begin, Math.floor(depth / STEP));
    if (end < 0) return null;
    [left, right] = extent(profile, begin, end);
    // The band as it is may be narrower than was feared: then it may have more room.
    [from, to] = freeStretch(taken, along, place, place + right - left + gutter);
    const last = end === profile.length;
    // In the middle of a free step, between two whole numbers: no point of a line lies on it.
    const cut = last ? profile.length * STEP : end * STEP + STEP / 2 + 0.5;
    const start = cuts[cuts.length - 1];
    shift.push({
      across: place - left,
      along: Math.round(from) + margin - start,
      lane: place - gutter / 2,
    });
    cuts.push(cut);
    deep = Math.max(deep, Math.round(from) + 2 * margin + cut - start);
    place += Math.ceil(right - left);
    if (place > across) return null;
    place += gutter;
    begin = end;
  }
  return {
    bands: shift.length,
    gutter,
    cuts: Float64Array.from(cuts),
    across: Float64Array.from(shift, (one) => one.across),
    along: Float64Array.from(shift, (one) => one.along),
    lane: Float64Array.from(shift, (one) => one.lane),
    turn: margin / 2,
    wide: place - gutter,
    deep,
    zoom,
  };
}

/** The best step to cut at, at most `room` steps on; the end where that is nearer; -1 for none. */
function cutAfter({ length, covered, lines }: Profile, begin: number, room: number): number {
  if (begin + room >= length) return length;
  let best = -1;
  let least = Infinity;
  for (let at = begin + room; at > begin + (1 - WINDOW) * room; at--) {
    if (covered[at] !== 0) continue;
    const cost = lines[at] * PER_LINE + (begin + room - at) / room;
    if (cost < least) [best, least] = [at, cost];
    else if (least <= (begin + room - at) / room) break;
  }
  return best;
}

/** The band of a place along the flat drawing. */
export function bandAt({ cuts, bands }: Fold, along: number): number {
  let [from, to] = [0, bands - 1];
  while (from < to) {
    const middle = (from + to + 1) >> 1;
    if (cuts[middle] <= along) from = middle;
    else to = middle - 1;
  }
  return from;
}

/** The same, looked for first in a band where it is likely. */
export function bandNear(fold: Fold, along: number, likely: number): number {
  const { cuts, bands } = fold;
  const after = likely === 0 || cuts[likely] <= along;
  return after && (likely === bands - 1 || along < cuts[likely + 1]) ? likely : bandAt(fold, along);
}

/** The band of a place across the folded drawing. */
export function bandOver({ lane, bands }: Fold, across: number): number {
  let band = 0;
  while (band + 1 < bands && lane[band + 1] <= across) band++;
  return band;
}
