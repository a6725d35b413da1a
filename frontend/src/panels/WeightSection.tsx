// One weight: how many zeros, what the file claims about them, and which structures they have.
import { Glyph, Icon } from '../ui/icon';
import { Swatch, Tile } from '../ui/tile';
import { Format } from '../ui/text';
import { openPruneForm } from '../commands/edit';
import { count, percent } from '../lib/numbers';
import { isFlagged } from '../state/weights';
import { floorOf } from '../state/prune';
import { select } from '../state/selection';
import type { WeightRow } from '../api/schema';
import { FormatProof } from './FormatProof';
import { RuntimesSection } from './RuntimesSection';
import { StorageSection } from './StorageSection';
import { ShowGroups } from './ShowGroups';
import { WeightPicture } from './WeightPicture';

export function WeightSection({ row }: { row: WeightRow }) {
  return (
    <>
      <div class="sec">
        {row.problem ? <Unreadable row={row} /> : row.measured ? <Hero row={row} /> : <Waiting row={row} />}
        {row.declared && <DeclaredTable row={row} />}
        <Verdict row={row} />
      </div>
      {row.measured && <FormatProof row={row} />}
      {row.measured && <WeightPicture row={row} />}
      {row.measured && <><RuntimesSection row={row} /><StorageSection row={row} /></>}
    </>
  );
}

function Hero({ row }: { row: WeightRow }) {
  return (
    <div class="hero">
      <Swatch sparsity={row.sparsity} format={row.format} glyph />
      <span class="hero-number">{row.sparsity === null ? '–' : percent(row.sparsity)}</span>
      <span class="hero-side">
        {count(row.zeros ?? 0)} of {count(row.elements)} {row.kind === 'embedding' ? 'entries ' : ''}are zero
        <span class="row" style={{ gap: '6px' }}><Format name={row.format} />{row.edited && <span class="warn">not saved yet</span>}</span>
      </span>
    </div>
  );
}

function Waiting({ row }: { row: WeightRow }) {
  return (
    <div class="hero">
      <Tile sparsity={null} format={null} claim={row.declared?.sparsity ?? null} big />
      <span class="hero-side">{count(row.elements)} weights, not measured yet</span>
    </div>
  );
}

function Unreadable({ row }: { row: WeightRow }) {
  return <div class="note warn" role="status"><Icon name="data" /><span>{row.problem}</span></div>;
}

function DeclaredTable({ row }: { row: WeightRow }) {
  const claim = row.declared!;
  const wrong = (about: string) => row.disagreements.some((reason) => reason.toLowerCase().includes(about));
  const judged = row.measured && row.agrees !== null;
  const sparsityHolds = claim.sparsity === null || row.sparsity === null || Math.abs(claim.sparsity - row.sparsity) <= 0.005;
  const formatHolds = claim.format === null || holds(claim.format, row) || !(wrong('format') || row.agrees === false);
  return (
    <table class="facts" style={{ marginTop: '6px' }}>
      <thead><tr><th style={{ width: '76px' }} /><th>declared</th><th>measured</th><th /></tr></thead>
      <tbody>
        {claim.sparsity !== null && (
          <tr>
            <td>sparsity</td>
            <td>{number(claim.sparsity)}</td>
            <td>{row.sparsity === null ? '…' : number(row.sparsity)}</td>
            <td>{judged && <Judgement good={sparsityHolds} />}</td>
          </tr>
        )}
        {claim.format !== null && (
          <tr>
            <td>format</td>
            <td><Format name={claim.format} /></td>
            <td>{row.measured ? <Format name={row.format} /> : '…'}</td>
            <td>{judged && <Judgement good={formatHolds} />}</td>
          </tr>
        )}
        <tr><td>source</td><td colSpan={3} class="muted">{claim.source.replaceAll('_', ' ')}</td></tr>
      </tbody>
    </table>
  );
}

/** Whether a claimed format is among those that the zeros satisfy; families may be named bare. */
function holds(format: string, row: WeightRow): boolean {
  const name = format.toLowerCase();
  if (name === row.format || name === row.stored_as || row.satisfies.includes(name)) return true;
  if (name === 'bsr' || name === 'channel') return row.satisfies.some((one) => one.startsWith(`${name}:`));
  return false;
}

function number(share: number): string {
  return String(Math.round(share * 1e4) / 1e4);
}

function Judgement({ good }: { good: boolean }) {
  return good
    ? <span class="row ok" style={{ gap: '4px' }}><Icon name="check" />agrees</span>
    : <span class="row alert" style={{ gap: '5px' }}><Glyph name="mismatch" />does not hold</span>;
}

function Verdict({ row }: { row: WeightRow }) {
  if (!isFlagged(row)) {
    if (row.edited && row.declared) return <p class="muted" style={{ marginTop: '5px' }}>Changed: saving writes the claim anew.</p>;
    return null;
  }
  const reasons = row.declared?.invalid ? [row.declared.invalid, ...row.disagreements] : row.disagreements;
  const claimed = row.declared?.format ?? null;
  const repairable = claimed !== null && floorOf(claimed) > 0 && !row.satisfies.includes(claimed) && row.kind !== 'embedding';
  const repair = () => {
    select([row.node]);
    openPruneForm({ format: claimed!, sparsity: floorOf(claimed!) });
  };
  return (
    <div class="note alert" role="alert" style={{ marginTop: '5px' }}>
      <span class="grow">{reasons.map((reason) => <div key={reason}>{reason}</div>)}</span>
      <ShowGroups row={row} />
      {repairable && <span class="note-actions"><button type="button" class="btn small" onClick={repair}>Prune to {claimed}…</button></span>}
    </div>
  );
}
