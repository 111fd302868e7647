/** What `npm run test:windows` runs. */

/** One call of vitest under Windows Node. */
export interface Part {
  readonly name: string;
  readonly project: 'unit' | 'windows';
  /** Folder below `test/`. */
  readonly filter: string;
  readonly timeoutMs: number;
  /** What it is about, for the page. */
  readonly about: string;
}

const unit = (filter: string, about: string): Part => ({
  name: filter,
  project: 'unit',
  filter: `test/${filter}/`,
  timeoutMs: 2_400_000,
  about,
});

/** The longest first. */
export const parts: readonly Part[] = [
  {
    name: 'journey',
    project: 'windows',
    filter: 'test/windows/',
    timeoutMs: 1_800_000,
    about: 'a project is built, verified, placed and run',
  },
  unit('lib', 'paths, files, globs, locks, running programs'),
  unit('advice', 'causes and edits of what fails'),
  unit('config', 'the configuration: found, checked, resolved'),
  unit('python', 'interpreters and environments'),
  unit('freeze', 'freezing, the driver of PyInstaller, warnings that become errors'),
  unit('bundle', 'what a frozen program is made of'),
  unit('verify', 'trying what was frozen'),
  unit('place', 'copying into the resources of an app'),
  unit('hosts', 'Electron Forge, electron-builder, the generated module'),
  unit('cli', 'the command line, init, doctor'),
  unit('runtime', 'starting, watching, asking and ending backends'),
];

/** The parts of these names and, for each file or folder below `test/`, a part of its own; null when one is neither. */
export function partsOf(wanted: readonly string[]): readonly Part[] | null {
  const chosen = wanted.map((one) => {
    const part = parts.find(({ name, filter }) => name === one || `${one}/`.startsWith(filter));
    if (part === undefined || one.length <= part.filter.length) return part;
    return { ...part, name: one.slice('test/'.length).replaceAll('/', '-'), filter: one };
  });
  return chosen.includes(undefined) ? null : chosen.filter((part) => part !== undefined);
}
