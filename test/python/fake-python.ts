import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { probeMarker } from '../../src/python/find/probe.js';
import type { InterpreterProbe } from '../../src/python/types.js';
import { hostTarget } from '../../src/target.js';

const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64';

/** The answer of a good interpreter; for what this machine cannot have, parts are replaced. */
const goodAnswer: Omit<InterpreterProbe, 'arch'> = {
  executable: '/opt/python/bin/python3',
  version: [3, 12, 1],
  implementation: 'cpython',
  platform: process.platform,
  machine,
  pointerBits: 64,
  buildPlatform: `${process.platform}-${machine}`,
  prefix: '/opt/python',
  basePrefix: '/opt/python',
  baseExecutable: '/opt/python/bin/python3',
  sharedLibrary: '/opt/python/lib/libpython3.12.so.1.0',
  soabi: 'cpython-312',
  isConda: false,
  hasVenv: true,
  hasEnsurepip: true,
  hasPip: true,
  sitePackages: ['/opt/python/lib/python3.12/site-packages'],
  pyinstaller: null,
  hooksContrib: null,
};

/** {@link goodAnswer} as the engine sees it. */
export const goodProbe: InterpreterProbe = { ...goodAnswer, arch: hostTarget().arch };

/** Write a shell script that answers like an interpreter. */
export async function fakePython(file: string, answer: Partial<InterpreterProbe> = {}): Promise<string> {
  const json = JSON.stringify({ ...goodAnswer, executable: file, baseExecutable: file, ...answer });
  return script(file, `printf '%s\\n' '${probeMarker}${json}'`);
}

/** Write an executable shell script. */
export async function script(file: string, body: string): Promise<string> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `#!/bin/sh\n${body}\n`);
  await chmod(file, 0o755);
  return file;
}
