// A table of levels: the share of zeros that each layer is to come to, typed, pasted or read from a file.
import type { WeightRow } from '../api/schema';
import { floorOf, form, targets } from './prune';
import { titleOf } from './weights';

export type Levels = Readonly<Record<string, number>>;

/** Every layer of the form once, in its order. */
export function layersOf(list: readonly WeightRow[]): string[] {
  return [...new Set(list.map((row) => row.layer))];
}

/** Begins a table: each layer at the amount of the form. */
export function beginLevels(): void {
  const level = Math.max(form.value.sparsity, floorOf(form.value.format));
  setLevels(Object.fromEntries(layersOf(targets.value).map((layer) => [layer, level])));
}

export function setLevels(levels: Levels | null): void {
  form.value = levels === null
    ? { ...form.value, levels }
    : { ...form.value, levels, criterion: 'amount', scope: 'layer', budget: 'uniform' };
}

/** Changes some layers; null takes a layer out of the table: it stays as it is. */
export function changeLevels(change: Readonly<Record<string, number | null>>): void {
  const least = floorOf(form.value.format);
  const merged: Record<string, number | null> = { ...form.value.levels, ...change };
  const kept = Object.entries(merged).filter((one): one is [string, number] => one[1] !== null);
  setLevels(Object.fromEntries(kept.map(([layer, level]) => [layer, Math.min(1, Math.max(least, level))])));
}

/** "60 %", "60%" and "0.6" are one level; a bare number above 1 could mean either, and is none. */
export function levelOf(text: string): number | null {
  const match = /^([\d.,]+)\s*(%?)$/.exec(text.trim().replace(/\u00a0/g, ''));
  if (!match) return null;
  const value = Number(match[1]!.replace(',', '.')) / (match[2] === '%' ? 100 : 1);
  return Number.isFinite(value) && value >= 0 && value <= 1 ? value : null;
}

/** What a cell of the table means: a bare number is a percentage there, since the cell says %. */
export function typedLevel(text: string): number | null {
  return levelOf(text.includes('%') ? text : `${text}%`);
}

export interface Table {
  readonly levels: Levels;
  /** Lines that say nothing, in words. */
  readonly problems: readonly string[];
}

/**
 * Reads lines of layer and level, separated by a tab, a comma or a semicolon, with or without a head; or levels
 * alone, for the layers from `from` on. A JSON object of levels is read too.
 */
export function readTable(text: string, layers: readonly string[], from = 0): Table {
  const trimmed = text.trim();
  if (trimmed.startsWith('{')) return readJson(trimmed, layers);
  const known = byName(layers);
  const levels: Record<string, number> = {};
  const problems: string[] = [];
  const lines = trimmed.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== '');
  let next = from;
  lines.forEach((line, at) => {
    const cells = cellsOf(line);
    const level = levelOf(cells.at(-1)!);
    if (cells.length === 1) {
      const layer = layers[next];
      next += 1;
      if (level !== null && layer !== undefined) levels[layer] = level;
      else if (layer === undefined) problems.push(`Line ${at + 1}: there is no layer left for ${line}.`);
      else if (at > 0) problems.push(`Line ${at + 1}: “${line}” is no level; say 60 % or 0.6.`);
      else next -= 1;
      return;
    }
    const layer = known.get(cells[0]!);
    if (level === null) {
      // A head says what the columns are.
      if (at > 0) problems.push(`Line ${at + 1}: “${cells.at(-1)}” is no level; say 60 % or 0.6.`);
    } else if (layer !== undefined) levels[layer] = level;
    else problems.push(`Line ${at + 1}: ${cells[0]} is none of the chosen layers.`);
  });
  return { levels, problems };
}

function readJson(text: string, layers: readonly string[]): Table {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return { levels: {}, problems: ['This is no JSON.'] };
  }
  const known = byName(layers);
  const levels: Record<string, number> = {};
  const problems: string[] = [];
  for (const [name, value] of Object.entries(found as object)) {
    const level = levelOf(String(value));
    const layer = known.get(name);
    if (layer === undefined) problems.push(`${name} is none of the chosen layers.`);
    else if (level === null) problems.push(`${name}: “${String(value)}” is no level; say "60%" or 0.6.`);
    else levels[layer] = level;
  }
  return { levels, problems };
}

/** Layers by all that they may be called: what people see, and what the file says. */
function byName(layers: readonly string[]): Map<string, string> {
  return new Map([...layers.map((layer) => [titleOf(layer), layer] as const), ...layers.map((layer) => [layer, layer] as const)]);
}

/** The cells of a line; what is in quotes may hold separators. */
function cellsOf(line: string): string[] {
  const separator = line.includes('\t') ? '\t' : line.includes(';') ? ';' : ',';
  const cells: string[] = [];
  let cell = '';
  let inside = false;
  for (let at = 0; at < line.length; at += 1) {
    const letter = line[at]!;
    if (letter === '"' && inside && line[at + 1] === '"') {
      cell += letter;
      at += 1;
    } else if (letter === '"') inside = !inside;
    else if (letter === separator && !inside) {
      cells.push(cell.trim());
      cell = '';
    } else cell += letter;
  }
  return [...cells, cell.trim()];
}

/** The table as text: what `readTable`, a spreadsheet and the command line's --budget read. */
export function writeTable(levels: Levels, layers: readonly string[]): string {
  const lines = layers.filter((layer) => Object.hasOwn(levels, layer)).map((layer) => `${quoted(titleOf(layer))},${shareText(levels[layer]!)}`);
  return ['layer,sparsity', ...lines].join('\n');
}

function quoted(name: string): string {
  return /[",;\t]/.test(name) ? `"${name.replace(/"/g, '""')}"` : name;
}

/** 0.6 -> "60%", with as many decimals as it has. */
function shareText(level: number): string {
  return `${Number((level * 100).toFixed(6))}%`;
}
