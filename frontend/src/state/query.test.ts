// The query language against the list of cases that Python is tested with.
import { describe, expect, it } from 'vitest';
import SHARED from '../../../tests/query_cases.json';
import { compile, QueryError, termsOf, type QueryRow } from './query';

interface Case {
  query: string;
  matches?: string[];
  error?: boolean | string;
}

const CASES: { rows: QueryRow[]; cases: Case[] } = SHARED;

describe('the cases shared with Python', () => {
  it.each(CASES.cases)('$query', (one) => {
    if (one.matches === undefined) {
      expect(() => compile(one.query)).toThrow(QueryError);
      return;
    }
    const holds = compile(one.query);
    expect(CASES.rows.filter(holds).map((row) => row.layer)).toEqual(one.matches);
  });

  it('are many, and some are errors', () => {
    expect(CASES.cases.length).toBeGreaterThan(20);
    expect(CASES.cases.some((one) => one.matches === undefined)).toBe(true);
  });
});

it('names the term and says how to write it', () => {
  expect(() => compile('sparsity<lots')).toThrow(/sparsity<lots/);
  try {
    compile('params>1%');
  } catch (error) {
    expect((error as QueryError).hint).toContain('params>1M');
  }
});

it('gives the terms as chips', () => {
  expect(termsOf('op:Conv  -relu "a b" sparsity<50%')).toEqual(['op:Conv', '-relu', '"a b"', 'sparsity<50%']);
});
