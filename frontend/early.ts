// Puts into the page itself what its first picture waits for: the worker's start, and the styles.
import { build, type Plugin } from 'vite';

/** `src/ahead.ts` as one script without imports, and so small that it needs no request of its own. */
async function ahead(root: string): Promise<string> {
  const made = await build({
    root,
    configFile: false,
    logLevel: 'error',
    worker: { format: 'iife' },
    build: {
      write: false,
      target: 'es2022',
      assetsInlineLimit: 0,
      rolldownOptions: { input: `${root}/src/ahead.ts`, output: { format: 'iife' } },
    },
  });
  const { output } = Array.isArray(made) ? made[0]! : (made as Extract<typeof made, { output: unknown }>);
  return output[0].code.trim();
}

/** Text inside a script element, which must not end it. */
function inside(text: string): string {
  if (/<\/script|<!--/i.test(text)) throw new Error('a script in the page would end too early');
  return text.trim();
}

let root = '';

export const early: Plugin = {
  name: 'early',
  apply: 'build',
  configResolved(config) {
    root = config.root;
  },
  transformIndexHtml: {
    order: 'post',
    async handler(html, { bundle }) {
      if (bundle === undefined) return html;
      const worker = Object.values(bundle).find((one) => /assets\/worker-.*\.js$/.test(one.fileName));
      if (worker?.type !== 'asset') throw new Error('the page has no worker');
      const scripts = `<script type="text/plain" id="worker">${inside(String(worker.source))}</script>\n    <script>${inside(await ahead(root))}</script>`;
      return html
        .replace(/<script type="text\/plain" id="columns"><\/script>/, (columns) => `${columns}\n    ${scripts}`)
        .replace(/<link rel="stylesheet"[^>]*href="\/([^"]+)">/g, (link, name: string) => {
          const styles = bundle[name];
          if (styles?.type !== 'asset') return link;
          delete bundle[name];
          return `<style>${String(styles.source).trim()}</style>`;
        });
    },
  },
};
