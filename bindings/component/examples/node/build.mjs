// Makes an ES module of the component, in dist/: `node build.mjs tenantry.wasm`.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { transpileBytes } from '@bytecodealliance/jco-transpile';

const component = process.argv[2];
if (!component) throw new Error('which component? node build.mjs tenantry.wasm');

const { files, imports } = await transpileBytes(await readFile(component), { name: 'tenantry', minify: true, wasiShim: false });
if (imports.length > 0) throw new Error(`the component imports ${imports.join(', ')}`);
for (const [name, bytes] of Object.entries(files)) {
  const path = new URL(`dist/${name}`, import.meta.url);
  await mkdir(new URL('.', path), { recursive: true });
  await writeFile(path, bytes);
  console.log(`${basename(name)}: ${bytes.length} bytes`);
}
