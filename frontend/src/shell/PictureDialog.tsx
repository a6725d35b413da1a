// Exports the picture of the graph: which part, which kind of file, with a look at what it will be.
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Frame } from '../canvas/frame';
import { atRest, paintStill, pngScale, stillSize, svgZoom, wholeFrame, wholeScene, type Still } from '../canvas/still';
import { SvgContext } from '../canvas/svg';
import { textWidth } from '../canvas/text';
import type { Scene } from '../graph/scene';
import { exportPicture, type PictureKind } from '../commands/picture';
import { count, percent, plural } from '../lib/numbers';
import { graph, trail } from '../state/graph';
import { model } from '../state/session';
import { dialog } from '../state/view';
import { layerCounts, summary } from '../state/weights';
import { Check } from '../ui/check';
import { Segments } from '../ui/controls';
import { Modal } from '../ui/modal';
import { canvasView } from './canvas-view';
import { facts, mode } from './colours';

type Part = 'whole' | 'view';

const close = () => {
  dialog.value = null;
};

/** The look at the picture, CSS px. */
const LOOK = { width: 592, height: 260 };

export function PictureDialog({ file }: { file: PictureKind }) {
  const [kind, setKind] = useState<PictureKind>(file);
  const [part, setPart] = useState<Part>('whole');
  const [legend, setLegend] = useState(true);
  const [busy, setBusy] = useState(false);
  const still = useMemo(() => stillOf(legend), [legend]);
  const scene = useMemo(() => (graph.value ? wholeScene(graph.value.scene) : null), [graph.value]);
  const plan = useMemo(() => planOf(kind, part, still, scene), [kind, part, still, scene]);
  if (plan === null) return null;
  const save = () => {
    setBusy(true);
    // A breath, so that the button says that it works.
    setTimeout(() => void exportPicture(kind, () => made(plan, kind, still)).then((done) => {
      setBusy(false);
      if (done && dialog.value?.kind === 'picture') close();
    }), 30);
  };
  return (
    <Modal title="Export picture" wide onClose={close}>
      <h2>Export picture</h2>
      <Look plan={plan} still={still} />
      <div class="field"><span>Show</span>
        <Segments label="Show" value={part} onChange={(value) => setPart(value as Part)}
          choices={[{ value: 'whole', label: 'whole graph' }, { value: 'view', label: 'what is on screen' }]} />
      </div>
      <div class="field"><span>File</span>
        <Segments label="File" value={kind} onChange={(value) => setKind(value as PictureKind)}
          choices={[{ value: 'png', label: 'PNG', title: 'Pixels: for chats and slides' }, { value: 'svg', label: 'SVG', title: 'Vectors: sharp at any size, editable' }]} />
      </div>
      <div class="field slim"><span /><Check on={legend} label="With the legend" onChange={setLegend} /></div>
      <p class="muted">{told(plan, kind)}</p>
      <div class="modal-actions">
        <button type="button" class="btn" onClick={close}>Cancel</button>
        <button type="button" class="btn primary" autofocus disabled={busy} onClick={save}>{busy ? 'Painting…' : `Export ${kind.toUpperCase()}…`}</button>
      </div>
    </Modal>
  );
}

interface Plan {
  readonly frame: Frame;
  /** CSS px */
  readonly size: { width: number; height: number };
}

/** What the picture says besides the graph. */
function stillOf(legend: boolean): Still {
  const totals = summary.value;
  const graphName = trail.value.length > 1 ? ` · ${trail.value.at(-1)}` : '';
  const share = totals === null || totals.sparsity === null ? '' : `${percent(totals.sparsity)} of ${count(totals.elements)} weights zero · ${plural(layerCounts.value.layers, 'layer')} · `;
  return {
    title: `${model.value?.name ?? ''}${graphName}`, remark: `${share}Sparseview`,
    legend: legend && facts.value !== null ? mode.value.legend(facts.value) : null,
  };
}

function planOf(kind: PictureKind, part: Part, still: Still, scene: Scene | null): Plan | null {
  const now = canvasView.value?.still() ?? null;
  const ctx = document.createElement('canvas').getContext('2d');
  if (now === null || scene === null || !ctx) return null;
  let frame: Frame;
  if (part === 'view') frame = { ...atRest(now), ratio: kind === 'png' ? Math.max(2, now.ratio) : 1 };
  else {
    const scale = kind === 'png' ? pngScale(scene.width, scene.height) : svgZoom(scene.count);
    // Below 1 there are not pixels enough for everything: the zoom decides what is told.
    frame = wholeFrame(now, scene, Math.min(scale, 1), kind === 'png' ? Math.max(scale, 1) : 1);
  }
  return { frame, size: stillSize(ctx, frame, still) };
}

function told({ frame, size }: Plan, kind: PictureKind): string {
  const ratio = kind === 'png' ? frame.ratio : 1;
  const [width, height] = [Math.round(size.width * ratio), Math.round(size.height * ratio)];
  const detail = frame.level === 'full' ? 'every name can be read' : frame.level === 'small' ? 'too large for names: figures only' : 'too large for names and figures: colours only';
  return `${count(width)} × ${count(height)} ${kind === 'png' ? 'pixels' : 'units'}, ${plural(frame.document.count, 'node')}; ${detail}.`;
}

async function made({ frame, size }: Plan, kind: PictureKind, still: Still): Promise<Blob | null> {
  const canvas = document.createElement('canvas');
  const real = canvas.getContext('2d')!;
  if (kind === 'svg') {
    const svg = new SvgContext((font, text) => textWidth(real, font, text));
    paintStill(svg.context, frame, still);
    return new Blob([svg.file(size, still.title, frame.theme.fontUi, frame.theme.fontMono)], { type: 'image/svg+xml' });
  }
  canvas.width = Math.round(size.width * frame.ratio);
  canvas.height = Math.round(size.height * frame.ratio);
  paintStill(real, frame, still);
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
}

/** The picture as it will be, small. */
function Look({ plan, still }: { plan: Plan; still: Still }) {
  const box = useRef<HTMLCanvasElement>(null);
  const shrink = Math.min(LOOK.width / plan.size.width, LOOK.height / plan.size.height, 1);
  const [width, height] = [plan.size.width * shrink, plan.size.height * shrink];
  useLayoutEffect(() => {
    const canvas = box.current!;
    const ratio = (devicePixelRatio || 1) * shrink;
    canvas.width = Math.max(1, Math.round(plan.size.width * ratio));
    canvas.height = Math.max(1, Math.round(plan.size.height * ratio));
    const ctx = canvas.getContext('2d');
    if (ctx) paintStill(ctx, { ...plan.frame, ratio }, still);
  }, [plan, still]);
  return <div class="picture-look"><canvas ref={box} role="img" aria-label="The picture as it will be" style={{ width: `${width}px`, height: `${height}px` }} /></div>;
}
