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

/** Write a program that answers like an interpreter. */
export async function fakePython(file: string, answer: Partial<InterpreterProbe> = {}): Promise<string> {
  const json = JSON.stringify({ ...goodAnswer, executable: file, baseExecutable: file, ...answer });
  return script(file, `console.log(${JSON.stringify(probeMarker + json)});`);
}

/** As it is called in a folder of programs: `python3`, or `python3.exe`. */
export const programName = (name: string): string => (process.platform === 'win32' ? `${name}.exe` : name);

/** What a search path needs besides for {@link script}. Windows knows no first line that names a program; execa follows it to PATH. */
export const scriptPath: readonly string[] =
  process.platform === 'win32' ? [path.dirname(process.execPath)] : [];

/** Write an executable program in JavaScript. */
export async function script(file: string, body: string): Promise<string> {
  const node = process.platform === 'win32' ? '/usr/bin/env node' : process.execPath;
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `#!${node}\n${body}\n`);
  await chmod(file, 0o755);
  return file;
}
