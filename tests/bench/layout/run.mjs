// The layout against dagre's: crossings, faults, CPU seconds. Usage:
//   python tests/bench/models.py FOLDER && (cd tests/bench/layout && npm install)
//   node --stack-size=60000 tests/bench/layout/run.mjs FOLDER [--limit 5500] [NAME ...]
// dagre recurses deeply: run `ulimit -s unlimited` first. Crossings are counted in both drawings by
// the same counter, each edge apart, with our stubs off; faults and sizes are those of the drawing
// that the page shows. Without dagre installed its columns stay empty.
import { mkdtempSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const frontend = createRequire(resolve(here, '../../../frontend/package.json'));
const { rolldown } = await import(pathToFileURL(frontend.resolve('rolldown')).href);
const flatbush = dirname(frontend.resolve('flatbush'));

const words = process.argv.slice(2);
const at = words.indexOf('--limit');
const limit = at < 0 ? 5500 : Number(words.splice(at, 2)[1]);
const [folder, ...names] = words;

const bundle = await rolldown({
  input: join(here, 'compare.ts'),
  platform: 'node',
  resolve: { modules: [resolve(flatbush, '..'), 'node_modules'] },
});
const out = join(mkdtempSync(join(tmpdir(), 'layout-')), 'compare.mjs');
await bundle.write({ file: out });
const { compare } = await import(pathToFileURL(out).href);
const dagre = await import('@dagrejs/dagre').then((found) => found.default, () => null);
if (dagre === null) console.log('dagre is not installed: its columns stay empty.');

const files = names.length > 0 ? names.map((name) => `${name}.columns`) : readdirSync(folder).filter((name) => name.endsWith('.columns'));
const rows = files.map((file) => compare(join(folder, file), dagre, limit)).sort((a, b) => a.nodes - b.nodes);
console.log('graph | nodes | CPU s | µs per node | crossings | dagre | ratio | dagre CPU s | overlaps | through boxes | inputs in order | size');
for (const row of rows) {
  const ratio = row.dagre ? (row.crossings / row.dagre.crossings).toFixed(3) : '';
  console.log([
    row.name, row.nodes, row.cpu.toFixed(2), ((row.cpu / row.nodes) * 1e6).toFixed(0), row.crossings ?? '', row.dagre?.crossings ?? '', ratio,
    row.dagre?.cpu.toFixed(1) ?? '', row.overlaps, row.through, row.inOrder, row.size,
  ].join(' | '));
}
