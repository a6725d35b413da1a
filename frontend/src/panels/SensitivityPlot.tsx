// Curves of all layers in one plot: drift of the outputs against the level of one layer alone, logarithmic.
import { percent } from '../lib/numbers';
import { shortName } from '../lib/names';
import { aim, comparedLevel, pointed, ranked } from '../state/sensitivity';
import type { LayerSensitivity } from '../api/schema';
import { titleOf } from '../state/weights';

const SIZE = { width: 368, height: 200 };
const EDGE = { left: 50, right: 10, top: 8, bottom: 22 };
const LEAST = 1e-6;
/** Names that are written at their curves' ends. */
const NAMED = 1;

interface Scale {
  x: (level: number) => number;
  y: (drift: number) => number;
  decades: readonly number[];
  /** that are written below */
  levels: readonly number[];
}

export function scaleFor(layers: readonly LayerSensitivity[]): Scale {
  const from = Math.max(0, Math.min(0.9, ...layers.flatMap((layer) => layer.points.map((point) => point.level))) - 0.1);
  const drifts = layers.flatMap((layer) => layer.points.map((point) => (point.cosine === null ? 0 : 1 - point.cosine))).filter((drift) => drift > LEAST);
  const bottom = Math.floor(Math.log10(Math.min(1e-3, ...drifts)));
  const top = Math.ceil(Math.log10(Math.max(1e-1, ...drifts)));
  const high = SIZE.height - EDGE.top - EDGE.bottom;
  const wide = SIZE.width - EDGE.left - EDGE.right;
  return {
    x: (level) => EDGE.left + ((level - from) / (1 - from)) * wide,
    levels: [0, 0.25, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9, 1].filter((level) => level >= from && (from < 0.35 ? level * 4 % 1 === 0 : level !== 0.75)),
    y: (drift) => EDGE.top + (1 - Math.min(1, Math.max(0, (Math.log10(Math.max(drift, LEAST)) - bottom) / (top - bottom)))) * high,
    decades: Array.from({ length: top - bottom + 1 }, (_, at) => bottom + at),
  };
}

/** "M44,180L200,90": through its measured points. */
export function pathOf(layer: LayerSensitivity, scale: Scale): string {
  return layer.points.filter((point) => point.cosine !== null)
    .map((point, at) => `${at === 0 ? 'M' : 'L'}${scale.x(point.level).toFixed(1)},${scale.y(1 - point.cosine!).toFixed(1)}`).join('');
}

export function SensitivityPlot() {
  const layers = ranked.value;
  const scale = scaleFor(layers);
  const on = layers.find((layer) => layer.weights.includes(pointed.value ?? -1)) ?? null;
  const right = SIZE.width - EDGE.right;
  const limit = aim.value.by === 'drift' ? scale.y(1 - aim.value.cosine) : null;
  const marked = on === null ? layers.slice(0, NAMED) : [on];
  return (
    <svg class="sens-plot" viewBox={`0 0 ${SIZE.width} ${SIZE.height}`} role="img" aria-label="Drift of each layer by level; the table below tells the same">
      {scale.decades.map((decade) => (
        <g key={decade}>
          <line class="sens-grid" x1={EDGE.left} x2={right} y1={scale.y(10 ** decade)} y2={scale.y(10 ** decade)} />
          <text class="sens-tick" x={EDGE.left - 6} y={scale.y(10 ** decade) + 4} text-anchor="end">{tickText(decade, scale)}</text>
        </g>
      ))}
      {scale.levels.map((level) => (
        <text key={level} class="sens-tick" x={scale.x(level)} y={SIZE.height - 6} text-anchor={level === 1 ? 'end' : 'middle'}>{percent(level, 0)}</text>
      ))}
      {limit !== null && <rect class="sens-fine" x={EDGE.left} width={right - EDGE.left} y={limit} height={Math.max(0, SIZE.height - EDGE.bottom - limit)} />}
      {limit !== null && <line class="sens-limit" x1={EDGE.left} x2={right} y1={limit} y2={limit} />}
      <line class="sens-level" x1={scale.x(comparedLevel.value)} x2={scale.x(comparedLevel.value)} y1={EDGE.top} y2={SIZE.height - EDGE.bottom} />
      {layers.filter((layer) => !marked.includes(layer)).map((layer) => (
        <path key={layer.weights[0]} class="sens-curve" d={pathOf(layer, scale)} onPointerEnter={() => { pointed.value = layer.weights[0]!; }} />
      ))}
      {marked.map((layer) => <Marked key={layer.weights[0]} layer={layer} scale={scale} tone={on === null ? 'risk' : 'on'} />)}
    </svg>
  );
}

/** The lowest line holds what is less, too: a logarithmic scale has no place for 0. */
function tickText(decade: number, scale: Scale): string {
  const text = decade >= -3 ? String(10 ** decade) : `1e${decade}`;
  return decade === scale.decades[0] ? `≤ ${text}` : text;
}

function Marked({ layer, scale, tone }: { layer: LayerSensitivity; scale: Scale; tone: 'risk' | 'on' }) {
  const points = layer.points.filter((point) => point.cosine !== null);
  const last = points.at(-1);
  if (last === undefined) return null;
  const [x, y] = [scale.x(last.level), scale.y(1 - last.cosine!)];
  const low = y < EDGE.top + 14;
  return (
    <g class={`sens-${tone}`}>
      <path d={pathOf(layer, scale)} />
      {points.map((point) => <circle key={point.level} cx={scale.x(point.level)} cy={scale.y(1 - point.cosine!)} r="2.5" />)}
      <text x={Math.min(x, SIZE.width - EDGE.right)} y={low ? y + 16 : y - 7} text-anchor="end">{shortName(titleOf(layer.layer), 30)}</text>
    </g>
  );
}
