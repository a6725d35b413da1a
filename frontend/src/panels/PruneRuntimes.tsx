// Which runtimes could use the zeros that the form would make: what the rules of eligibility say, no more.
import { bytes, plural } from '../lib/numbers';
import { preview } from '../state/preview';
import { catalogue } from '../state/storage';
import type { Preview } from '../api/schema';
import { Icon } from '../ui/icon';

export interface RuntimeWord {
  readonly label: string;
  /** layers that it could take, of all that change */
  readonly eligible: number;
  readonly layers: number;
  /** the reason that most of the others have */
  readonly why: string;
}

/** One word for each runtime about the layers that would change; none while nothing is known. */
export function runtimeWords(made: Preview, label: (name: string) => string): RuntimeWord[] {
  const rows = made.rows.filter((row) => row.skipped === null);
  const names = Object.keys(rows[0]?.runtimes ?? {});
  return names.map((name) => {
    const answers = rows.map((row) => row.runtimes[name]).filter((one) => one !== undefined);
    const reasons = new Map<string, number>();
    for (const one of answers) if (!one.eligible) reasons.set(one.why, (reasons.get(one.why) ?? 0) + 1);
    const told = [...reasons].toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? '';
    const why = reasons.size > 1 ? `e.g. ${told}` : told;
    return { label: label(name), eligible: answers.filter((one) => one.eligible).length, layers: answers.length, why };
  });
}

export function PruneRuntimes() {
  const made = preview.value;
  if (made === null) return null;
  const words = runtimeWords(made, (name) => catalogue.value?.runtimes.find((one) => one.name === name)?.label ?? name);
  if (words.length === 0) return null;
  const some = words.filter((one) => one.eligible > 0);
  return (
    <div class="sec">
      <div class={`note ${some.length > 0 ? 'ok' : 'warn'} runtimes-note`}>
        <Icon name={some.length > 0 ? 'check' : 'warn'} />
        <span>{some.length > 0 ? <Takers words={some} /> : <>{savings(made)}none of the runtimes below can use these zeros.</>}</span>
      </div>
      <table class="facts runtime-words"><tbody>
        {words.filter((one) => one.eligible === 0).map((one) => <tr key={one.label}><td>{one.label}</td><td class="soft">{one.why}</td></tr>)}
      </tbody></table>
    </div>
  );
}

function savings(made: Preview): string {
  const { bytes_before: before, bytes_after: after } = made;
  if (typeof before !== 'number' || typeof after !== 'number' || after >= before) return 'Not for speed: ';
  return `Saves bytes (${bytes(before)} → ${bytes(after)}), not time: `;
}

function Takers({ words }: { words: readonly RuntimeWord[] }) {
  return (
    <>
      {words.map((one) => (
        <div key={one.label}>
          {one.label} could take {one.eligible === one.layers ? (one.layers === 1 ? 'it' : `all ${plural(one.layers, 'layer')}`) : `${one.eligible} of ${plural(one.layers, 'layer')}`}.
        </div>
      ))}
      <span class="muted">Whether it is faster, only a measurement tells.</span>
    </>
  );
}
