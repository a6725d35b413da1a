// Builds the page into the Python package, and runs the tests in a small DOM.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  base: '/',
  build: {
    outDir: '../viewer/sparseview/static',
    emptyOutDir: true,
    target: 'es2022',
    sourcemap: false,
    // The window is local: one file more costs nothing, a data: URL would need a looser CSP.
    assetsInlineLimit: 0,
  },
  worker: { format: 'es' },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.{ts,tsx}'],
  },
});
