// One viewer, one model, one fresh browser: from navigation to drawn, then frames, then a jump.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import net from 'node:net';
import { chromium } from 'playwright-core';

const FRAMES = 60;
const ARGS = ['--headless', '--no-sandbox', '--disable-gpu', '--enable-unsafe-swiftshader', '--no-first-run', '--window-size=1400,900'];
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

function freePort() {
  return new Promise((done) => {
    const server = net.createServer().listen(0, () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

/** CPU seconds of a process and all below it, from /proc. */
function cpuOfTree(root) {
  const stats = new Map();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const words = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').pop().split(' ');
      stats.set(Number(pid), { parent: Number(words[1]), cpu: (Number(words[11]) + Number(words[12])) / 100 });
    } catch {
      continue; // it has ended meanwhile
    }
  }
  const below = (pid) => {
    for (let at = pid; at > 1; at = stats.get(at)?.parent ?? 0) if (at === root) return true;
    return false;
  };
  let sum = 0;
  for (const [pid, { cpu }] of stats) if (below(pid)) sum += cpu;
  return sum;
}

/** Stamps the time once `drawn` holds, two frames and a task later: what was drawn is on screen. */
const watcher = (drawn) => `(() => {
  const look = () => {
    let done = false;
    try { done = Boolean(${drawn}); } catch { done = false; }
    if (!done) return requestAnimationFrame(look);
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => { window.__drawn = performance.now(); })));
  };
  requestAnimationFrame(look);
})()`;

const frames = (step) => `new Promise((done) => {
  const times = [];
  let [i, last, begin] = [0, 0, performance.now()];
  const next = () => {
    const now = performance.now();
    if (last > 0) times.push(now - last);
    last = now;
    if (i >= ${FRAMES} || now - begin > 5000) {
      times.sort((a, b) => a - b);
      const mean = times.reduce((a, b) => a + b, 0) / times.length;
      return done({ mean, p95: times[Math.min(times.length - 1, Math.floor(times.length * 0.95))], count: times.length });
    }
    ${step};
    i++;
    requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
})`;

/** Waits until a browser that has just started no longer works on pages of its own. */
async function rest(cpu) {
  for (let looks = 0, before = await cpu(); looks < 20; looks++) {
    await pause(250);
    const now = await cpu();
    if (looks > 1 && now - before < 0.02) return;
    before = now;
  }
}

/**
 * Facts of one run; `open` is absent where nothing was drawn within `cap` ms. `node`: where to jump.
 * `cold`: start at once, while the browser still loads pages of its own.
 */
export async function measure(viewer, model, node, cap, cold = false) {
  const port = await freePort();
  const [program, args] = viewer.start(model, port);
  const server = spawn(program, args, { env: { ...process.env, SPARSEVIEW_TOKEN: 'bench' }, stdio: 'ignore' });
  const failed = new Promise((_, reject) => server.once('error', reject));
  let browser = null;
  try {
    const begin = Date.now();
    for (;;) {
      const answer = await Promise.race([fetch(viewer.ready(port)).catch(() => null), failed]);
      if (answer?.ok) break;
      if (Date.now() - begin > 60_000) throw new Error(`${viewer.name} did not start.`);
      await pause(20);
    }
    browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ARGS });
    const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
    await context.addCookies(viewer.cookies.map((cookie) => ({ ...cookie, url: viewer.page(port, model) })));
    const page = await context.newPage();
    await page.route((url) => !['localhost', '127.0.0.1'].includes(url.hostname), (route) => route.abort());
    // Over the protocol, because Netron takes eval away, which the library's own way needs.
    const wire = await context.newCDPSession(page);
    const ask = async (expression) => {
      const answer = await wire.send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
      if (answer.exceptionDetails) throw new Error(answer.exceptionDetails.exception?.description ?? answer.exceptionDetails.text);
      return answer.result.value;
    };
    const system = await browser.newBrowserCDPSession();
    const cpu = async () => {
      const { processInfo } = await system.send('SystemInfo.getProcessInfo');
      return processInfo.reduce((sum, one) => sum + one.cpuTime, 0) + cpuOfTree(server.pid);
    };
    await page.addInitScript(`${viewer.init};${watcher(viewer.drawn)}`);
    if (!cold) await rest(cpu);
    const before = await cpu();
    const start = Date.now();
    page.goto(viewer.page(port, model), { waitUntil: 'commit' }).catch(() => null);
    let open = null;
    while (open === null && Date.now() - start < cap) {
      open = await Promise.race([ask('window.__drawn ?? null').catch(() => null), pause(2000).then(() => null)]);
      if (open === null) await pause(50);
    }
    const facts = { open, cpu: (await cpu()) - before };
    if (open === null) return { ...facts, open: undefined };
    facts.nodes = await ask(viewer.nodes);
    facts.elements = await ask(`document.getElementsByTagName('*').length`);
    for (const kind of ['pan', 'zoom']) {
      const used = await cpu();
      const seen = await Promise.race([ask(frames(viewer[kind])), pause(60_000).then(() => null)]);
      if (seen !== null) facts[kind] = { ...seen, cpu: (1000 * ((await cpu()) - used)) / seen.count };
    }
    if (viewer.jump !== null) {
      facts.jump = await ask(`(async () => { const t = performance.now(); await (${viewer.jump})(${node}); return performance.now() - t; })()`);
    }
    return facts;
  } finally {
    if (browser !== null) await Promise.race([browser.close().catch(() => null), pause(5000)]);
    server.kill('SIGKILL');
  }
}
