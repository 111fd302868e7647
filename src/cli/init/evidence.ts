import path from 'node:path';
import { asRecord, readJson, readText } from '../../lib/files.js';

/** Something in the project that starts a Python program. */
export interface Evidence {
  /** The file that is started; null: an application by its name. */
  readonly file: string | null;
  /** `app.main:app`. */
  readonly application: string | null;
  readonly weight: number;
  /** `the script "dev" in package.json starts it`. */
  readonly text: string;
}

const application =
  /\b(?:uvicorn|gunicorn|hypercorn|granian|daphne|waitress-serve)\b[^&|;\n]*?\s["']?([A-Za-z_][\w.]*:[A-Za-z_]\w*)/g;
const fastapi = /\bfastapi\s+(?:run|dev)\s+["']?([\w./\\-]+\.py)\b/g;
const flask = /\bflask\s+--app\s+["']?([\w.]+(?::\w+)?)/g;
const script =
  /\bpython(?:3(?:\.\d+)?|w)?(?:\.exe)?["']?\s+(?:-[uBIO]\s+)*["']?((?:[\w.-]+[/\\])*[\w-]+\.pyw?)\b/g;
const module = /\bpython(?:3(?:\.\d+)?)?(?:\.exe)?["']?\s+(?:-[uBIO]\s+)*-m\s+([A-Za-z_][\w.]*)/g;

/** What in npm scripts and container files starts Python. Pure but for looking whether the files are there. */
export async function findEvidence(folders: readonly string[]): Promise<Evidence[]> {
  const found: Evidence[] = [];
  for (const folder of folders) {
    const manifest = asRecord(await readJson(path.join(folder, 'package.json')));
    for (const [name, command] of Object.entries(asRecord(manifest?.['scripts']) ?? {})) {
      if (typeof command === 'string')
        found.push(...commandEvidence(command, folder, `the script "${name}" in package.json starts it`, 60));
    }
    for (const file of [
      'Procfile',
      'Dockerfile',
      'docker-compose.yml',
      'compose.yml',
      'Makefile',
      'justfile',
    ]) {
      const text = await readText(path.join(folder, file));
      // `CMD ["uvicorn", "app.main:app"]`
      if (text !== null)
        found.push(
          ...commandEvidence(text.replaceAll(/["'],\s*["']/g, ' '), folder, `${file} starts it`, 40),
        );
    }
  }
  return found;
}

/** Read one command line. Pure. */
export function commandEvidence(command: string, folder: string, text: string, weight: number): Evidence[] {
  // `cd backend && python main.py`
  const inside = /\bcd\s+["']?([\w./\\-]+)/.exec(command)?.[1] ?? '.';
  const resolve = (file: string) => path.resolve(folder, inside, file.replaceAll('\\', '/'));
  const all = (pattern: RegExp) => [...command.matchAll(pattern)].map(([, name]) => name ?? '');
  const files = [...all(script), ...all(fastapi)].map(resolve);
  const modules = all(module).filter(
    (name) => !/^(?:pip|venv|PyInstaller|pytest|http\.server|uvicorn|build|black|ruff|flask)$/i.test(name),
  );
  const byModule = modules.flatMap((name) => {
    const base = resolve(name.replaceAll('.', '/'));
    return [`${base}.py`, path.join(base, '__main__.py')];
  });
  return [
    ...[...files, ...byModule].map((file) => ({ file, application: null, weight, text })),
    ...[...all(application), ...all(flask)].map((name) => ({ file: null, application: name, weight, text })),
  ];
}
