/** Packs the package and checks the tarball: exports and types resolve for every kind of consumer. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';

const root = path.resolve(import.meta.dirname, '..');
const folder = await mkdtemp(path.join(tmpdir(), 'electron-pyinstaller-pack-'));
try {
  // The caller has built: prepack would do it a second time.
  await execa('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], { cwd: root });
  const name = (await readdir(folder)).find((file) => file.endsWith('.tgz'));
  if (name === undefined) throw new Error(`npm pack wrote no tarball into ${folder}`);
  const tarball = path.join(folder, name);
  const run = execa({ cwd: root, stdio: 'inherit', preferLocal: true });
  await run('publint', ['--strict', tarball]);
  // Hosts are ES modules on purpose: CommonJS callers reach them through require(esm) or import().
  await run('attw', [tarball, '--ignore-rules', 'cjs-resolves-to-esm']);
} finally {
  await rm(folder, { recursive: true, force: true });
}
