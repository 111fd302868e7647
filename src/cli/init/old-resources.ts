import path from 'node:path';
import { isMap, isScalar, isSeq, parseDocument, type YAMLMap } from 'yaml';
import { asRecord } from '../../lib/files.js';
import { closingBracket, maskCode } from './mask-code.js';

/** Whether a path in a host's configuration is that of a backend shipped by hand. */
export type IsOldBackend = (from: string) => boolean;

/** A configuration without the rules, and which they were. */
export interface WithoutResources {
  readonly text: string;
  readonly removed: readonly string[];
}

const keys = ['extraResources', 'extraFiles'];
/** Folders in which other things of an app lie too: of these only the program itself is the old backend. */
const shared = /^(?:dist|resources?|res|assets?|build|public|static|bin|extra\w*)$/i;
const platforms = ['mac', 'mas', 'win', 'linux', 'dmg', 'nsis'];

/** The rule's source: a text, or `from`. */
function fromOf(rule: unknown): string | null {
  if (typeof rule === 'string') return rule;
  const from = asRecord(rule)?.['from'];
  return typeof from === 'string' ? from : null;
}

/** Rules of electron-builder's configuration that ship an old backend. Pure. */
export function oldBuilderResources(config: unknown, isOld: IsOldBackend): string[] {
  const sections = [asRecord(config), ...platforms.map((name) => asRecord(asRecord(config)?.[name]))];
  return sections.flatMap((section) =>
    keys.flatMap((key) =>
      [section?.[key]].flat().flatMap((rule) => {
        const from = fromOf(rule);
        return from !== null && isOld(from) ? [from] : [];
      }),
    ),
  );
}

/** Take the rules out of YAML, keeping everything else as it is written. */
export function withoutYamlResources(text: string, isOld: IsOldBackend): WithoutResources {
  const document = parseDocument(text);
  if (document.errors.length > 0 || !isMap(document.contents)) return { text, removed: [] };
  const root = document.contents as YAMLMap;
  const removed: string[] = [];
  const sections = [root, ...platforms.map((name) => root.get(name)).filter(isMap)];
  for (const section of sections) {
    for (const key of keys) {
      const value = section.get(key, true);
      const rules = isSeq(value) ? value.items : [value];
      const kept = rules.filter(
        (rule) => !isOldRule(isMap(rule) ? rule.toJSON() : isScalar(rule) ? rule.value : null),
      );
      if (kept.length === rules.length) continue;
      if (!isSeq(value) || kept.length === 0) section.delete(key);
      else {
        // A comment above the list is one on its first rule.
        if (kept[0] !== rules[0]) value.commentBefore = null;
        value.items = kept;
      }
    }
  }
  for (const name of platforms) {
    const section = root.get(name);
    if (removed.length > 0 && isMap(section) && section.items.length === 0) root.delete(name);
  }
  if (removed.length === 0) return { text, removed };
  return { text: root.items.length === 0 ? '' : document.toString({ lineWidth: 0 }), removed };

  function isOldRule(rule: unknown): boolean {
    const from = fromOf(rule);
    if (from === null || !isOld(from)) return false;
    removed.push(from);
    return true;
  }
}

/** Take the rules out of JSON: the whole file, or `build` of package.json. */
export function withoutJsonResources(
  text: string,
  key: 'build' | null,
  isOld: IsOldBackend,
): WithoutResources {
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch {
    return { text, removed: [] };
  }
  const config = key === null ? asRecord(root) : asRecord(asRecord(root)?.[key]);
  const removed = oldBuilderResources(config, isOld);
  if (config === null || removed.length === 0) return { text, removed: [] };
  for (const section of [config, ...platforms.map((name) => asRecord(config[name]))]) {
    for (const name of keys) {
      const value = section?.[name];
      if (section === null || value === undefined) continue;
      const kept = [value].flat().filter((rule) => !isOld(fromOf(rule) ?? ''));
      if (kept.length === 0) delete section[name];
      else if (Array.isArray(value)) section[name] = kept;
    }
  }
  for (const name of platforms)
    if (Object.keys(asRecord(config[name]) ?? { a: 1 }).length === 0) delete config[name];
  const indent = /^\{\s*\n([ \t]+)/.exec(text)?.[1] ?? 2;
  return { text: `${JSON.stringify(root, null, indent)}\n`, removed };
}

/** A rule in a configuration that is a program. */
export interface ProgramResource {
  readonly line: number;
  readonly text: string;
}

/**
 * `extraResource` of Forge, or `extraResources` of electron-builder, in a configuration that is a program: the paths are
 * texts, or parts of them in a `path.join`. Pure.
 */
export function oldProgramResources(text: string, isOld: IsOldBackend): ProgramResource[] {
  const code = maskCode(text);
  const found: ProgramResource[] = [];
  for (const match of code.matchAll(/\bextra(?:Resources?|Files)['"]?\s*:\s*/g)) {
    const start = match.index + match[0].length;
    const end = code[start] === '[' ? closingBracket(code, start) : lineEnd(code, start);
    for (const item of elements(code, start, end)) {
      const parts = [...text.slice(...item).matchAll(/(['"`])([^'"`\n]*)\1/g)].map(
        ([, , part]) => part ?? '',
      );
      const candidates = [parts.join('/'), ...parts];
      if (candidates.some((candidate) => candidate !== '' && isOld(candidate.replaceAll(/\/{2,}/g, '/')))) {
        const whole = text.slice(...item).trim();
        const line = text
          .slice(0, item[0] + (text.slice(...item).length - text.slice(...item).trimStart().length))
          .split('\n').length;
        found.push({ line, text: whole });
      }
    }
  }
  return found;
}

/** Ranges of the elements of a list, or of the one value. */
function elements(code: string, start: number, end: number): [number, number][] {
  if (code[start] !== '[') return [[start, end]];
  const found: [number, number][] = [];
  let depth = 0;
  let from = start + 1;
  for (let index = start + 1; index < end; index++) {
    const character = code.charAt(index);
    if ('([{'.includes(character)) depth++;
    else if (')]}'.includes(character)) depth--;
    else if (character === ',' && depth === 0) {
      found.push([from, index]);
      from = index + 1;
    }
  }
  return [...found, [from, end]];
}

function lineEnd(code: string, start: number): number {
  const found = code.slice(start).search(/[,\n}]/);
  return found === -1 ? code.length : start + found;
}

/**
 * What counts as a backend that was shipped by hand: what lies in, or is, a folder PyInstaller wrote into, a Python source
 * folder, a virtual environment.
 *
 * @param outputs - absolute folders that PyInstaller wrote into
 * @param sources - absolute source folders of the backends
 * @param names - names of frozen programs
 * @param filesIn - what lies in a folder; null: there is none
 */
export function oldBackendTest(
  projectDir: string,
  {
    outputs,
    sources,
    names,
    filesIn,
  }: {
    outputs: readonly string[];
    sources: readonly string[];
    names: readonly string[];
    filesIn: (folder: string) => readonly string[] | null;
  },
): IsOldBackend {
  const programs = new Set(names.flatMap((name) => [name, `${name}.exe`, '.gitkeep', '.gitignore']));
  /** Nothing else of the app lies there. The build of a page may not have made its `dist` yet. */
  const isOnlyOurs = (folder: string): boolean => {
    const files = filesIn(folder);
    return files === null
      ? !/^(?:dist|build)$/.test(path.basename(folder))
      : files.length > 0 && files.every((file) => programs.has(file));
  };
  const below = (folder: string, file: string) => file === folder || file.startsWith(`${folder}${path.sep}`);
  return (from) => {
    if (from.trim() === '') return false;
    const plain = from
      .replaceAll(/\$\{[^}]*\}/g, '')
      .replaceAll('\\', '/')
      .replace(/\/\*\*?.*$/, '')
      .replace(/^\.\//, '');
    const file = path.resolve(projectDir, plain);
    if (file === projectDir) return false;
    return (
      outputs.some((folder) =>
        folder === projectDir || (path.dirname(folder) === projectDir && shared.test(path.basename(folder)))
          ? (file === folder && isOnlyOurs(folder)) ||
            names.some(
              (name) => below(path.join(folder, name), file) || file === path.join(folder, `${name}.exe`),
            )
          : below(folder, file),
      ) ||
      sources.some(
        (source) =>
          source !== projectDir &&
          (file === source ||
            ['dist', 'build', '.venv', 'venv'].some((name) => below(path.join(source, name), file))),
      ) ||
      /(?:^|\/)\.?venv(?:\/|$)/.test(plain)
    );
  };
}
