/**
 * Programs of the operating system that the demo and the slow tests use. A machine that lets us (root on Debian or Ubuntu) gets
 * what is missing; any other machine gets one message with the command to run.
 */
import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';

/** A program and the Debian package that brings it. */
interface SystemTool {
  readonly command: string;
  readonly package: string;
  readonly why: string;
}

const requiredTools: readonly SystemTool[] = [
  { command: 'zip', package: 'zip', why: "Forge's zip maker" },
  { command: 'unzip', package: 'unzip', why: 'unpacking what was made' },
  { command: 'tar', package: 'tar', why: 'unpacking what was made' },
  { command: 'dpkg-deb', package: 'dpkg', why: "Forge's deb maker" },
  { command: 'fakeroot', package: 'fakeroot', why: "Forge's deb maker" },
  { command: 'objdump', package: 'binutils', why: 'PyInstaller on Linux' },
  { command: 'objcopy', package: 'binutils', why: 'PyInstaller on Linux' },
  { command: 'ldd', package: 'libc-bin', why: 'PyInstaller on Linux' },
];

const browserCommands = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** What {@link ensureSystemTools} may be asked for besides the required programs. */
export interface SystemToolsOptions {
  /** Also look for (and, where possible, install) a Chromium for tests of pages. Default false. Never an error. */
  readonly browser?: boolean;
  /** Also need `Xvfb`: genuine Electron on a machine without a display. Default false. */
  readonly display?: boolean;
  /** Receives one line when something is installed or an optional program is absent. Default: standard output. */
  readonly report?: (line: string) => void;
}

/** Find a command on PATH; null when there is none. */
export async function findCommand(
  command: string,
  searchPath = process.env['PATH'] ?? '',
): Promise<string | null> {
  for (const directory of searchPath.split(path.delimiter)) {
    if (directory === '') continue;
    const file = path.join(directory, command);
    const found = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return file;
  }
  return null;
}

/** The first Chromium on PATH; null when there is none. */
export async function findBrowser(): Promise<string | null> {
  for (const command of browserCommands) {
    const file = await findCommand(command);
    if (file !== null) return file;
  }
  return null;
}

async function missingOf(tools: readonly SystemTool[]): Promise<readonly SystemTool[]> {
  const missing: SystemTool[] = [];
  for (const tool of tools) if ((await findCommand(tool.command)) === null) missing.push(tool);
  return missing;
}

async function canInstall(): Promise<boolean> {
  return process.platform === 'linux' && process.getuid?.() === 0 && (await findCommand('apt-get')) !== null;
}

/** Install Debian packages; returns the last lines of what apt-get said when that failed, null when all went well. */
async function aptInstall(packages: readonly string[]): Promise<string | null> {
  const run = execa({
    env: { DEBIAN_FRONTEND: 'noninteractive' },
    stdin: 'ignore',
    all: true,
    reject: false,
    timeout: 600_000,
  });
  // Another apt-get may be running (unattended upgrades): wait for its lock instead of failing at once.
  const lock = ['-o', 'DPkg::Lock::Timeout=120'];
  const install = ['apt-get', ...lock, 'install', '-y', '--no-install-recommends', ...packages] as const;
  await run('apt-get', [...lock, 'update']);
  const result = await run(install[0], install.slice(1));
  return result.failed ? (result.all ?? result.message).split('\n').slice(-8).join('\n') : null;
}

/**
 * Make sure that the programs the demo and the slow tests call are there.
 *
 * @throws Error with one message naming every missing program and the command that installs them.
 */
export async function ensureSystemTools(options: SystemToolsOptions = {}): Promise<void> {
  // The list is Linux's; macOS brings zip, unzip and tar, and makes neither deb packages nor needs binutils.
  if (process.platform !== 'linux') return;
  const report = options.report ?? ((line: string) => console.log(line));
  const display: SystemTool = { command: 'Xvfb', package: 'xvfb', why: 'Electron without a display' };
  const wanted = options.display === true ? [...requiredTools, display] : requiredTools;

  let missing = await missingOf(wanted);
  let reason = '';
  if (missing.length > 0 && (await canInstall())) {
    const packages = [...new Set(missing.map((tool) => tool.package))];
    report(`Installing missing programs: ${packages.join(' ')}`);
    const failure = await aptInstall(packages);
    if (failure !== null) reason = `\napt-get said:\n${failure}`;
    missing = await missingOf(wanted);
  }
  if (missing.length > 0) {
    const list = missing.map((tool) => `${tool.command} (${tool.why})`).join(', ');
    const packages = [...new Set(missing.map((tool) => tool.package))].join(' ');
    throw new Error(
      `Programs of the operating system are missing: ${list}.\n` +
        `Install them and run this again: sudo apt-get install -y ${packages}${reason}`,
    );
  }

  if (options.browser === true && (await findBrowser()) === null) {
    if (await canInstall()) {
      report('Installing Chromium for the tests of pages');
      await aptInstall(['chromium']);
    }
    if ((await findBrowser()) === null)
      report('No Chromium found: tests that open a page in it are skipped.');
  }
}
