/** What a row needs of the machine, looked for once: without it the row is not run, and says why. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Something that a machine may lack. */
export type Need = 'linux-x64' | 'python' | 'npm-registry' | 'github' | 'dpkg' | 'zip';

interface Check {
  /** What is said when it is missing. */
  readonly missing: string;
  readonly isThere: () => Promise<boolean>;
}

const runs = (command: string, ...args: readonly string[]): Promise<boolean> =>
  run(command, args, { timeout: 60_000 }).then(
    () => true,
    () => false,
  );

const checks: Readonly<Record<Need, Check>> = {
  'linux-x64': {
    missing: 'the stand-in for Electron is made for Linux on x64 only',
    isThere: () => Promise.resolve(process.platform === 'linux' && process.arch === 'x64'),
  },
  python: {
    missing: 'there is no python3 of version 3.10 or later with venv',
    isThere: () => runs('python3', '-c', 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))'),
  },
  'npm-registry': {
    missing: 'the registry of npm does not answer',
    isThere: () => runs('npm', 'view', 'electron-builder', 'version'),
  },
  github: {
    missing: 'github.com, from which electron-builder downloads 7-Zip for its targets, does not answer',
    isThere: () =>
      fetch('https://github.com', { method: 'HEAD', signal: AbortSignal.timeout(10_000) }).then(
        ({ ok }) => ok,
        () => false,
      ),
  },
  dpkg: {
    missing: 'there are no dpkg and fakeroot',
    isThere: async () => (await runs('dpkg', '--version')) && (await runs('fakeroot', '--version')),
  },
  zip: { missing: 'there is no zip', isThere: () => runs('zip', '--version') },
};

/** What every row needs. */
export const needsOfAll: readonly Need[] = ['linux-x64', 'python', 'npm-registry'];

const known = new Map<Need, Promise<boolean>>();

/** Why this machine cannot run what needs `needs`; null: it can. */
export async function whatIsMissing(needs: readonly Need[]): Promise<string | null> {
  for (const need of needs) {
    const check = checks[need];
    const isThere = known.get(need) ?? check.isThere();
    known.set(need, isThere);
    if (!(await isThere)) return check.missing;
  }
  return null;
}
