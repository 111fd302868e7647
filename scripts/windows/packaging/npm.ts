/** npm for Windows Node, and how commands of packages are made to run under Wine. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { type Bench, unpackPackage } from '../bench.ts';

const npm = 'npm@10.9.9';

const lateKeepAlive = `// Wine 8 connects no socket that was told before to be kept alive.
const { Socket } = require('node:net');
const { setKeepAlive } = Socket.prototype;
Socket.prototype.setKeepAlive = function (...told) {
  return this.connecting ? this : setKeepAlive.apply(this, told);
};
`;

/** Put it beside node.exe, where the installer of Windows has it. */
export async function addNpm(bench: Bench): Promise<void> {
  const downloads = path.join(bench.folder, 'downloads');
  const beside = path.dirname(bench.node);
  await execa('npm', ['pack', '--silent', npm], { cwd: downloads });
  await unpackPackage(
    path.join(downloads, `${npm.replace('@', '-')}.tgz`),
    path.join(beside, 'node_modules/npm'),
  );
  await writeFile(path.join(beside, 'late-keep-alive.cjs'), lateKeepAlive);
  // npm's own scripts use more of cmd than that of Wine has.
  for (const name of ['npm', 'npx'])
    await writeFile(
      path.join(beside, `${name}.cmd`),
      `@"%~dp0node.exe" --require "%~dp0late-keep-alive.cjs" "%~dp0node_modules\\npm\\bin\\${name}-cli.js" %*\r\n`,
    );
}

/** Take out of a project's commands what the cmd of Wine 8 does not know: it skips the line, and says nothing. */
export async function mendCommands(project: string): Promise<void> {
  const folder = path.join(project, 'node_modules/.bin');
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.cmd')) continue;
    const text = await readFile(path.join(folder, name), 'utf8');
    const known = text.replace('endLocal & goto #_undefined_# 2>NUL || title %COMSPEC% & ', '');
    await writeFile(path.join(folder, name), known);
  }
}
