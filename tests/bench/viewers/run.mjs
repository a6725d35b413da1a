// Viewers side by side in headless Chromium, runs interleaved; prints medians and ratios. Usage:
//   python tests/bench/models.py FOLDER && (cd tests/bench/viewers && npm install)
//   SPARSEVIEW_PYTHON=.venv/bin/python NETRON_PYTHON=... MODEL_EXPLORER=... \
//     node tests/bench/viewers/run.mjs FOLDER [--runs 3] [--cap 180] [--cold] [NAME ...]
// Netron (`pip install netron`) and Model Explorer (`pip install ai-edge-model-explorer
// model-explorer-onnx`) live in environments of their own; one that is not named is left out.
// `open`: from navigation, with the server up, until all is drawn. CPU: seconds of the browser and
// the server over the same span; on a busy machine its ratio is the one to trust. Model Explorer
// draws only its topmost groups. "> cap": nothing was drawn in time; such a pair is not run again.
// The clock starts once the browser is at rest, for one that has just started loads pages of its
// own for a second or two; `--cold` starts it at once.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { measure } from './measure.mjs';
import { VIEWERS } from './viewers.mjs';

const words = process.argv.slice(2);
const option = (name, usual) => {
  const at = words.indexOf(name);
  return at < 0 ? usual : Number(words.splice(at, 2)[1]);
};
const runs = option('--runs', 3);
const cap = option('--cap', 180) * 1000;
const cold = words.includes('--cold') && words.splice(words.indexOf('--cold'), 1).length > 0;
const [folder, ...given] = words;

const names = given.length > 0 ? given : readdirSync(folder).filter((name) => name.endsWith('.onnx')).map((name) => name.slice(0, -5));
for (const viewer of VIEWERS) if (viewer.missing !== null) console.log(viewer.missing);
const present = VIEWERS.filter((viewer) => viewer.missing === null);

/** Number of boxes in the columns beside the model: what a flat view has to show. */
function nodesOf(name) {
  const bytes = readFileSync(join(folder, `${name}.columns`));
  return JSON.parse(bytes.subarray(4, 4 + bytes.readUInt32LE(0)).toString('utf8')).nodes;
}

const seen = new Map();
for (let run = 0; run < runs; run++) {
  for (const name of names) {
    for (const viewer of present) {
      const key = `${name} ${viewer.name}`;
      const facts = seen.get(key) ?? seen.set(key, []).get(key);
      if (facts.some((one) => one.open === undefined)) continue;
      const wanted = nodesOf(name);
      const one = await measure(viewer, resolve(folder, `${name}.onnx`), Math.floor(wanted * 0.7), cap, cold);
      if (viewer.name === 'sparseview' && one.nodes !== wanted) throw new Error(`${name}: ${one.nodes} nodes are shown, the graph has ${wanted}.`);
      facts.push(one);
    }
  }
}

const middle = (values) => {
  const sorted = values.filter((value) => Number.isFinite(value)).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
};
const text = (value, digits = 0) => (value === undefined ? '-' : value.toFixed(digits));
console.log('model | nodes | viewer | open ms | CPU s | open / ours | CPU / ours | pan mean/p95/CPU ms | zoom mean/p95/CPU ms | jump ms | elements');
for (const name of names) {
  const of = (viewer, get) => middle((seen.get(`${name} ${viewer}`) ?? []).map(get));
  for (const { name: viewer } of present) {
    const late = (seen.get(`${name} ${viewer}`) ?? []).some((one) => one.open === undefined);
    const [open, cpu] = [of(viewer, (one) => one.open), of(viewer, (one) => one.cpu)];
    const move = (kind) => ['mean', 'p95', 'cpu'].map((what) => text(of(viewer, (one) => one[kind]?.[what]))).join('/');
    console.log([
      name, nodesOf(name), viewer, late ? `> ${cap}` : text(open), text(cpu, 1),
      text(open / of('sparseview', (one) => one.open), 1), text(cpu / of('sparseview', (one) => one.cpu), 1),
      move('pan'), move('zoom'), text(of(viewer, (one) => one.jump)), text(of(viewer, (one) => one.elements)),
    ].join(' | '));
  }
}
