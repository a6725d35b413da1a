// Puts into the page itself what its first picture waits for: its layout, and the styles.
import { build, type Plugin } from 'vite';
import { compiledKernel } from './compile';

/** `src/ahead.ts` as one script without imports. */
async function ahead(root: string): Promise<string> {
  const made = await build({
    root,
    configFile: false,
    logLevel: 'error',
    worker: { format: 'iife' },
    define: { KERNEL: JSON.stringify(Buffer.from(await compiledKernel(root)).toString('base64')) },
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
      const script = `<script>${inside(await ahead(root))}</script>`;
      return html
        .replace(/<script type="text\/plain" id="columns"><\/script>/, (columns) => `${columns}\n    ${script}`)
        .replace(/<link rel="stylesheet"[^>]*href="\/([^"]+)">/g, (link, name: string) => {
          const styles = bundle[name];
          if (styles?.type !== 'asset') return link;
          delete bundle[name];
          return `<style>${String(styles.source).trim()}</style>`;
        });
    },
  },
};
