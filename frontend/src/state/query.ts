// The query language of the search box, the same as Python's: both are held against tests/query_cases.json.

/** What a query is asked of; a WeightRow is one. */
export interface QueryRow {
  layer: string;
  /** what people see of a layer without a name */
  title?: string;
  op: string;
  format: string | null;
  sparsity: number | null;
  elements: number | null;
  dtype: string;
  kind: string;
  declared: object | null;
  agrees: boolean | null;
}

export type Predicate = (row: QueryRow) => boolean;

/** A term that cannot be understood; the message names it, the hint says how to write it. */
export class QueryError extends Error {
  readonly hint: string;

  constructor(text: string, hint: string) {
    super(`The search term ${text} is not understood.`);
    this.hint = hint;
  }
}

const TERM = /\s*(-?)(?:"([^"]*)"(?=\s|$)|(\S+))/y;
const COMPARISON = /^(sparsity|params)(<=|>=|!=|<|>|=)([^]*)$/i;
const AMOUNT = /^(\d+\.?\d*|\.\d+)(%|[kmgb])?$/i;
const FORMAT = /^(dense|unstructured|channel:(in|out)|bsr:\d+x\d+|\d+:\d+)$/;
const SUFFIX: Record<string, number> = { k: 1e3, m: 1e6, g: 1e9, b: 1e9 };
const EXAMPLES: Record<string, string> = { op: 'Conv', dtype: 'int8' };
const FIELDS = ['op', 'dtype', 'kind', 'format', 'declared'] as const;
type Field = (typeof FIELDS)[number];
/** Two fractions closer than this are the same: typed decimals are not binary fractions. */
const SAME = 1e-9;

const CLAIMS: Record<string, Predicate> = {
  any: (row) => row.declared !== null,
  none: (row) => row.declared === null,
  right: (row) => row.agrees === true,
  wrong: (row) => row.agrees === false,
};

interface Term {
  negated: boolean;
  exact: string | null;
  plain: string;
}

/** A test on rows; throws QueryError. An empty text matches every row. */
export function compile(text: string): Predicate {
  const tests = split(text).map((one) => {
    const test = one.exact !== null ? exactly(one.exact) : term(one.plain);
    return one.negated ? (row: QueryRow) => !test(row) : test;
  });
  return (row) => tests.every((test) => test(row));
}

/** The terms as they were typed, for chips. */
export function termsOf(text: string): string[] {
  return split(text).map((one) => (one.negated ? '-' : '') + (one.exact !== null ? `"${one.exact}"` : one.plain));
}

function split(text: string): Term[] {
  const trimmed = text.trim();
  const terms: Term[] = [];
  TERM.lastIndex = 0;
  while (TERM.lastIndex < trimmed.length) {
    const found = TERM.exec(trimmed)!;
    terms.push({ negated: found[1] === '-', exact: found[2] ?? null, plain: found[3] ?? '' });
  }
  return terms;
}

function term(text: string): Predicate {
  if (text.includes('"')) throw new QueryError(text, 'Put the whole name between two quotes: "/block1/conv1/Conv".');
  const comparison = COMPARISON.exec(text);
  if (comparison) return compared(text, comparison[1]!.toLowerCase(), comparison[2]!, comparison[3]!);
  const lower = text.toLowerCase();
  const colon = lower.indexOf(':');
  const field = colon < 0 ? '' : lower.slice(0, colon);
  if (field === 'sparsity' || field === 'params') {
    throw new QueryError(text, 'Compare with <, <=, >, >=, = or !=: sparsity<50%, params>1M.');
  }
  const known = FIELDS.find((one) => one === field);
  if (known) return fielded(text, known, lower.slice(colon + 1));
  const has = (name: string) => name.toLowerCase().includes(lower);
  return (row) => has(row.layer) || has(row.op) || (row.title !== undefined && row.title !== row.layer && has(row.title));
}

function fielded(text: string, field: Field, value: string): Predicate {
  if (field === 'declared') {
    const claim = CLAIMS[value];
    if (!claim) throw new QueryError(text, `Say one of: ${Object.keys(CLAIMS).map((one) => `declared:${one}`).join(', ')}.`);
    return claim;
  }
  if (field === 'format') return ofFormat(text, value);
  if (field === 'kind' && value !== 'weight' && value !== 'embedding') {
    throw new QueryError(text, 'Say kind:weight or kind:embedding.');
  }
  if (value === '') throw new QueryError(text, `Say which one, for example ${field}:${EXAMPLES[field]}.`);
  return (row) => row[field].toLowerCase() === value;
}

function ofFormat(text: string, value: string): Predicate {
  const format = (row: QueryRow) => (row.format ?? '').toLowerCase();
  if (value === 'nm') return (row) => /^\d+:\d+$/.test(format(row));
  if (value === 'bsr' || value === 'channel') return (row) => format(row).startsWith(`${value}:`);
  if (!FORMAT.test(value)) {
    throw new QueryError(text, 'Formats: dense, unstructured, channel:out, bsr:4x4, 2:4, or nm, bsr, channel.');
  }
  return (row) => format(row) === value;
}

function compared(text: string, name: string, sign: string, typed: string): Predicate {
  const fraction = name === 'sparsity';
  const wanted = fraction ? fractionOf(text, typed) : countOf(text, typed);
  const same = fraction ? SAME : 0;
  return (row) => {
    const value = fraction ? row.sparsity : row.elements;
    if (value === null) return false;
    if (Math.abs(value - wanted) <= same) return sign === '=' || sign === '<=' || sign === '>=';
    if (sign === '=' || sign === '!=') return sign === '!=';
    return sign[0] === '<' ? value < wanted : value > wanted;
  };
}

function fractionOf(text: string, typed: string): number {
  const found = AMOUNT.exec(typed);
  if (!found || (found[2] ?? '%') !== '%') {
    throw new QueryError(text, 'Give a fraction or a percentage: sparsity<0.5 or sparsity<50%.');
  }
  const value = Number(found[1]) / (found[2] ? 100 : 1);
  if (value > 1) {
    throw new QueryError(text, found[2] ? 'A percentage ends at 100%.' : `A fraction ends at 1; for a percentage write ${found[1]}%.`);
  }
  return value;
}

function countOf(text: string, typed: string): number {
  const found = AMOUNT.exec(typed);
  if (!found || found[2] === '%') {
    throw new QueryError(text, 'Give a number of weights: params>1000, params>10K or params>1M.');
  }
  return Number(found[1]) * (SUFFIX[(found[2] ?? '').toLowerCase()] ?? 1);
}

function exactly(name: string): Predicate {
  if (name === '') throw new QueryError('""', 'Put a name between the quotes: "/block1/conv1/Conv".');
  return (row) => row.layer === name || row.title === name;
}
