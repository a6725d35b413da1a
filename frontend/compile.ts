// Compiles the layout's kernel, which is TypeScript that AssemblyScript takes, too.
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import asc from 'assemblyscript/asc';

const START = 'src/graph/layout/kernel/index.ts';
const MADE = 'kernel.wasm';
const OPTIONS = ['-O3', '--noAssert', '--runtime', 'stub', '--bindings', 'none', '--use', 'abort='];

/** The kernel as WebAssembly. root: folder of the front end. Throws with the compiler's words. */
export async function compiledKernel(root: string): Promise<Uint8Array<ArrayBuffer>> {
  let kernel: Uint8Array | undefined;
  const { error, stderr } = await asc.main([START, '--outFile', MADE, ...OPTIONS], {
    readFile: (name, base) => readFile(resolve(root, base, name), 'utf8').catch(() => null),
    writeFile: (name, contents) => {
      if (name === MADE && contents instanceof Uint8Array) kernel = contents;
    },
  });
  if (error !== null || kernel === undefined) throw new Error(`the kernel of the layout does not compile:\n${stderr.toString()}`);
  return new Uint8Array(kernel);
}
