import path from 'node:path';
import { execa } from 'execa';
import { asRecord, isFile, readJson } from '../../lib/files.js';

/** Formatters that read a file from standard input. */
const formatters = [
  { name: 'prettier', arguments: (file: string) => ['--stdin-filepath', file] },
  { name: '@biomejs/biome', arguments: (file: string) => ['format', `--stdin-file-path=${file}`] },
  { name: 'oxfmt', arguments: (file: string) => [`--stdin-filepath=${file}`] },
] as const;

/** Formats a text as the project's own formatter would write this file (relative to the project). */
export type Format = (text: string, file: string) => Promise<string>;

/** The formatter that the project has; the text as it is when there is none, or when it fails. */
export async function projectFormatter(projectDir: string): Promise<Format> {
  for (const formatter of formatters) {
    const program = await findProgram(projectDir, formatter.name);
    if (program === null) continue;
    return async (text, file) => {
      const result = await execa(process.execPath, [program, ...formatter.arguments(file)], {
        cwd: projectDir,
        input: text,
        reject: false,
        timeout: 30_000,
        stripFinalNewline: false,
      });
      return result.exitCode === 0 && result.stdout.trim() !== '' ? result.stdout : text;
    };
  }
  return (text) => Promise.resolve(text);
}

/** The program of a package that the project, or the workspace around it, has installed and asks for. */
async function findProgram(projectDir: string, name: string): Promise<string | null> {
  let isWanted = false;
  for (let folder = projectDir; ; folder = path.dirname(folder)) {
    const manifest = asRecord(await readJson(path.join(folder, 'package.json')));
    isWanted ||= ['dependencies', 'devDependencies'].some(
      (key) => asRecord(manifest?.[key])?.[name] !== undefined,
    );
    const home = path.join(folder, 'node_modules', name);
    const bin = asRecord(await readJson(path.join(home, 'package.json')))?.['bin'];
    const file = typeof bin === 'string' ? bin : Object.values(asRecord(bin) ?? {})[0];
    if (isWanted && typeof file === 'string' && (await isFile(path.join(home, file))))
      return path.join(home, file);
    if (path.dirname(folder) === folder) return null;
  }
}
