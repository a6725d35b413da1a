// Builds the page into the Python package, and runs the tests in a small DOM.
import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { early } from './early';

// The icon has one home, assets/; the window and the browser's tab take it from the built page.
const icon = {
  name: 'icon',
  generateBundle(this: { emitFile(file: { type: 'asset'; fileName: string; source: Uint8Array }): string }) {
    const source = readFileSync(new URL('../assets/icon.png', import.meta.url));
    this.emitFile({ type: 'asset', fileName: 'assets/icon.png', source });
  },
};

export default defineConfig({
  base: '/',
  plugins: [icon, early],
  build: {
    outDir: '../viewer/sparseview/static',
    emptyOutDir: true,
    target: 'es2022',
    sourcemap: false,
    // The window is local: one file more costs nothing, a data: URL would need a looser CSP.
    assetsInlineLimit: 0,
  },
  // Not a module: it starts without a second look at what it imports.
  worker: { format: 'iife' },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.{ts,tsx}'],
    // No test is about time: a slow or busy machine is no finding.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
