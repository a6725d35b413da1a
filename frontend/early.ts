// Puts into the page itself what its first picture waits for: its layout, its script, the styles.
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

/**
 * A script as it stands inside the page, which it must not end. In ASCII: one letter that is not in
 * Latin-1 makes the browser keep, and scan, two bytes for each letter of the whole page.
 */
function inside(text: string): string {
  if (/<\/script|<!--/i.test(text)) throw new Error('a script in the page would end too early');
  return text.trim().replace(/[^\x00-\x7f]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Where the page's own script leaves what the parts import that come after the first picture. */
const SHARED = 'window.sparseviewShared';

/**
 * A module as it stands in the page, and what then is at its address: for other modules import it
 * from there, and a second copy would have signals of its own. Its exports are never assigned anew.
 */
function split(code: string, folder: string): { inline: string; shared: string } {
  const end = /export\{([^{}]*)\};?\s*$/.exec(code);
  if (end === null) throw new Error('the page\'s script exports nothing');
  const names = end[1]!.split(',').map((one) => {
    const [own, other = own] = one.split(' as ');
    return { own: own!.trim(), other: other!.trim() };
  });
  const kept = names.map(({ own, other }) => `${other}:${own}`).join();
  const taken = names.map(({ other }, at) => `v${at}=${SHARED}.${other}`).join();
  return {
    inline: `${code.slice(0, end.index)}${SHARED}={${kept}};`.replaceAll('import(`./', `import(\`/${folder}/`),
    shared: `const ${taken};export{${names.map(({ other }, at) => `v${at} as ${other}`).join()}};`,
  };
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
  generateBundle: {
    // Last of all: only then does the script name the files that it loads.
    order: 'post',
    handler(_, bundle) {
      const page = bundle['index.html'];
      const main = Object.values(bundle).find((one) => one.type === 'chunk' && one.isEntry);
      if (page?.type !== 'asset' || main?.type !== 'chunk') throw new Error('there is no page, or no script');
      const { inline, shared } = split(main.code, main.fileName.split('/')[0]!);
      main.code = shared;
      const script = `<script type="module">${inside(inline)}</script>`;
      page.source = String(page.source).replace(/<script type="module"[^>]*><\/script>/, () => script);
      if (/[^\x00-\x7f]/.test(page.source)) throw new Error('the page is not in ASCII');
    },
  },
};
