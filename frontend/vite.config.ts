// Builds the page into the Python package, and runs the tests in a small DOM.
import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

// The icon has one home, assets/; the window and the browser's tab take it from the built page.
const icon = {
  name: 'icon',
  generateBundle(this: { emitFile(file: { type: 'asset'; fileName: string; source: Uint8Array }): string }) {
    const source = readFileSync(new URL('../assets/icon.png', import.meta.url));
    this.emitFile({ type: 'asset', fileName: 'assets/icon.png', source });
  },
};

// Small, and not held up by anything: while the large script loads, the graph is already on its way.
const ahead = {
  name: 'ahead',
  transformIndexHtml: {
    order: 'post' as const,
    handler(html: string, { bundle }: { bundle?: Record<string, { type: string; name?: string; fileName: string }> }) {
      const chunk = Object.values(bundle ?? {}).find((one) => one.type === 'chunk' && one.name === 'ahead');
      if (chunk === undefined) return html;
      return [{ tag: 'script', attrs: { type: 'module', async: true, crossorigin: true, src: `/${chunk.fileName}` }, injectTo: 'head' as const }];
    },
  },
};

export default defineConfig({
  base: '/',
  plugins: [icon, ahead],
  build: {
    outDir: '../viewer/sparseview/static',
    emptyOutDir: true,
    target: 'es2022',
    sourcemap: false,
    // The window is local: one file more costs nothing, a data: URL would need a looser CSP.
    assetsInlineLimit: 0,
    rolldownOptions: { input: { index: 'index.html', ahead: 'src/ahead.ts' } },
  },
  worker: { format: 'es' },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.{ts,tsx}'],
  },
});
