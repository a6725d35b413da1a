// Which runtimes could use a weight's zeros: a mark, the reason, and whose rule it is.
import { useEffect } from 'preact/hooks';
import { catalogue, learnCatalogue } from '../state/storage';
import type { RuntimeFacts, WeightRow } from '../api/schema';
import { Glyph, Icon } from '../ui/icon';

export function RuntimesSection({ row }: { row: WeightRow }) {
  useEffect(() => void learnCatalogue(), []);
  const names = Object.keys(row.runtimes);
  if (names.length === 0) return null;
  const known = catalogue.value?.runtimes ?? [];
  return (
    <div class="sec runtimes">
      <h3>Runtimes <span class="aside">can it use these zeros?</span></h3>
      <table class="facts">
        <tbody>
          {names.map((name) => <RuntimeRow key={name} answer={row.runtimes[name]!} facts={known.find((one) => one.name === name)} name={name} />)}
        </tbody>
      </table>
      {known.length > 0 && <Rules known={known} />}
    </div>
  );
}

function RuntimeRow({ name, facts, answer }: { name: string; facts: RuntimeFacts | undefined; answer: WeightRow['runtimes'][string] }) {
  return (
    <tr title={facts?.rule}>
      <td>{facts?.label ?? name}</td>
      <td class={answer.eligible ? 'mark ok' : 'mark muted'}>
        <span role="img" aria-label={answer.eligible ? 'eligible' : 'not eligible'}>{answer.eligible ? <Icon name="check" /> : <Glyph name="na" />}</span>
      </td>
      <td class="why">{answer.eligible && <b>eligible: </b>}{answer.why}</td>
    </tr>
  );
}

function Rules({ known }: { known: readonly RuntimeFacts[] }) {
  return (
    <details class="rules">
      <summary>Rules and their sources</summary>
      <p class="muted">Eligible means that a sparse kernel could take the weight. Whether that is faster, only a measurement tells.</p>
      <dl>
        {known.map((one) => [<dt key={one.name}>{one.label}</dt>, <dd key={`${one.name} rule`}>{one.rule} <span class="muted">{one.source}</span></dd>])}
      </dl>
    </details>
  );
}
