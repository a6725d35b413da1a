// Holds the floors: a folder imports only from lower folders or from itself.
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = dirname(fileURLToPath(import.meta.url));
const FLOORS = ['lib', 'ui|api', 'graph', 'state', 'canvas', 'commands', 'panels', 'shell'];

function floor(folder: string): number {
  return FLOORS.findIndex((names) => names.split('|').includes(folder));
}

function sources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return sources(path);
    return /\.tsx?$/.test(name) ? [path] : [];
  });
}

function folderOf(path: string): string {
  const parts = relative(ROOT, path).split(/[\\/]/);
  return parts.length > 1 ? parts[0]! : '';
}

const FILES = sources(ROOT);

it('imports go down or stay inside', () => {
  const climbs: string[] = [];
  for (const file of FILES) {
    const own = folderOf(file);
    if (own === '') continue;
    expect(floor(own), `${own} is no floor`).toBeGreaterThanOrEqual(0);
    for (const [, target] of readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g)) {
      const other = folderOf(resolve(dirname(file), target!));
      if (other !== own && other !== 'styles' && floor(other) >= floor(own)) {
        climbs.push(`${relative(ROOT, file)} -> ${target}`);
      }
    }
  }
  expect(climbs).toEqual([]);
});

it('every file that people write is short and tells its job in its first line', () => {
  const lengths: number[] = [];
  for (const file of FILES.filter((one) => !one.endsWith('schema.ts'))) {
    const text = readFileSync(file, 'utf8');
    const name = relative(ROOT, file);
    const lines = text.split('\n').length;
    expect(lines, name).toBeLessThan(400);
    lengths.push(lines);
    if (!/\.test\.tsx?$/.test(name)) expect(text, name).toMatch(/^(\/\/ |\/\*\* )/);
  }
  expect(lengths.toSorted((a, b) => a - b)[Math.floor(lengths.length / 2)]).toBeLessThan(150);
});

it('no page text is ever parsed as HTML', () => {
  for (const file of FILES.filter((name) => !name.endsWith('.test.ts'))) {
    expect(readFileSync(file, 'utf8'), file).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write/);
  }
});
