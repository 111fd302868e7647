/**
 * Writes schema.json and the tables of docs/config.md. Run after a build: `npm run build && npm run gen`.
 * With `--check` nothing is written; the exit code is 1 when a file is not up to date.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { configSchema } from '../dist/config/schema/index.js';
import { makeJsonSchema, makeTables, readInterfaces, replaceTables } from './config-manual.ts';

const root = path.resolve(import.meta.dirname, '..');
const schemaDir = path.join(root, 'src', 'config', 'schema');
const check = process.argv.includes('--check');

const sources = await Promise.all(
  (await readdir(schemaDir)).sort().map((name) => readFile(path.join(schemaDir, name), 'utf8')),
);
const interfaces = sources.flatMap((source) => readInterfaces(source));
const schemaFile = path.join(root, 'schema.json');
const manualFile = path.join(root, 'docs', 'config.md');
const manual = await readFile(manualFile, 'utf8');

await update(schemaFile, `${JSON.stringify(makeJsonSchema(configSchema, interfaces), null, 2)}\n`);
await update(manualFile, replaceTables(manual, makeTables(interfaces)));

async function update(file: string, text: string): Promise<void> {
  const name = path.relative(root, file);
  const before = await readFile(file, 'utf8').catch(() => null);
  if (before === text) console.log(`${name}: up to date`);
  else if (check) {
    console.error(`${name}: not up to date; run "npm run build && npm run gen"`);
    process.exitCode = 1;
  } else {
    await writeFile(file, text);
    console.log(`${name}: written`);
  }
}
