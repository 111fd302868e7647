import { asRecord, parseJson } from '../../lib/files.js';
import { escapeRegExp } from '../../lib/text.js';
import type { FreezingScript } from './find-migration.js';
import { indentation } from './edit-builder.js';
import type { Glue } from './old-glue.js';
import { scriptsOf } from './package-json.js';
import { readPyInstallerCommand } from './pyinstaller-command.js';
import { commandsIn } from './shell-words.js';

/** A package.json without a script that froze the backend. */
export interface WithoutScript {
  readonly text: string;
  /** Other scripts that ran it, and do not any more. */
  readonly changed: readonly string[];
}

/** Parts of a command that do nothing for anybody but PyInstaller. */
const belongsToFreezing =
  /^(?:cd|pip3? install|(?:python3?|py) -m pip install|rm -rf?|rimraf|shx rm -rf?|rmdir|rd|del|\.|source|call)\s|^[\w./\\-]*[/\\]activate(?:\.bat|\.ps1)?$/i;

/**
 * Take a script that freezes, and nothing else, out of a package.json, with the calls of it in other scripts. Null: it does more, or
 * somebody needs it in a way that is not understood here. Pure.
 */
export function withoutFreezingScript(text: string, { name, command }: FreezingScript): WithoutScript | null {
  if (
    !commandsIn(command).every(
      (part) => readPyInstallerCommand(part) !== null || belongsToFreezing.test(part),
    )
  )
    return null;
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch {
    return null;
  }
  const scripts = asRecord(asRecord(root)?.['scripts']);
  if (scripts === null) return null;
  const call = new RegExp(`^(?:npm|pnpm|yarn|bun)\\s+(?:run\\s+)?${escapeRegExp(name)}$`);
  const changed: string[] = [];
  for (const [other, line] of Object.entries(scriptsOf({ scripts }))) {
    const kept = line.split(/\s+&&\s+/).filter((part) => !call.test(part.trim()));
    const rest = kept.join(' && ');
    if (other !== name && new RegExp(`(?<![\\w:-])${escapeRegExp(name)}(?![\\w:-])`).test(rest)) return null;
    if (other === name || rest === '') delete scripts[other];
    else if (rest.length !== line.length) scripts[other] = rest;
    if (other !== name && scripts[other] !== line) changed.push(other);
  }
  return { text: `${JSON.stringify(root, null, indentation(text))}\n`, changed };
}

const startsPython =
  /(?:^|[\s'"/\\])(?:python[\d.]*|uvicorn|gunicorn|hypercorn|flask|streamlit|manage\.py|uv run|poetry run|pipenv run)(?=$|[\s'"])/;
const isTool = /pyinstaller|pip\s+install|\bpytest\b|-m\s+(?:pip|venv|pytest|build|black|ruff|mypy)\b/;

/** Scripts that start the app and the Python program side by side: `concurrently "npm:python" "electron ."`. Pure. */
export function startingScripts(text: string): Glue[] {
  const scripts = scriptsOf(asRecord(parseJson(text)) ?? {});
  const starts = (command: string): boolean => startsPython.test(command) && !isTool.test(command);
  const python = Object.keys(scripts).filter((name) => starts(scripts[name] ?? ''));
  const calls = (command: string): boolean =>
    python.some((name) =>
      new RegExp(`(?:npm:|(?:npm|pnpm|yarn|bun)\\s+(?:run\\s+)?)${escapeRegExp(name)}(?![\\w:-])`).test(
        command,
      ),
    );
  return Object.entries(scripts)
    .filter(
      ([, command]) =>
        /concurrently|run-p|npm-run-all|[^&]&[^&]/.test(command) && (starts(command) || calls(command)),
    )
    .map(([name, command]) => ({
      file: 'package.json',
      line: text.slice(0, text.indexOf(`"${name}":`)).split('\n').length,
      text: `"${name}": ${JSON.stringify(command)}`.slice(0, 100),
      instead: 'electron-pyinstaller dev starts both',
    }));
}
