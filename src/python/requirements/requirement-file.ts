import { normalizeName } from '../../lib/text.js';

/** What one line of a requirements file asks for. */
export type RequirementLine =
  /** `-r` or `-c`: another file, relative to this one. */
  | { readonly type: 'include'; readonly target: string; readonly line: number }
  /** A folder or file on this machine. */
  | { readonly type: 'local'; readonly target: string; readonly editable: boolean; readonly line: number }
  /** A named requirement; `name` is normalised. */
  | { readonly type: 'name'; readonly name: string; readonly hashed: boolean; readonly line: number }
  /** An option (`--pre`) or a URL: matters by its text only. */
  | {
      readonly type: 'other';
      readonly option: string | null;
      readonly hashed: boolean;
      readonly line: number;
    };

/**
 * Read a pip requirements file as far as needed to know what it depends on: continuation lines are joined, comments
 * dropped. Format: pip's "Requirements File Format". Pure.
 */
export function parseRequirementFile(text: string): RequirementLine[] {
  const result: RequirementLine[] = [];
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/);
  for (let index = 0; index < lines.length; index += 1) {
    const line = index + 1;
    let logical = lines[index] ?? '';
    while (logical.endsWith('\\') && index + 1 < lines.length) {
      index += 1;
      logical = `${logical.slice(0, -1)}${lines[index] ?? ''}`;
    }
    const content = logical.replace(/(^|\s)#.*$/, '').trim();
    if (content !== '') result.push(parseLine(content, line));
  }
  return result;
}

function parseLine(content: string, line: number): RequirementLine {
  const hashed = /(^|\s)--hash[=\s]/.test(content);
  const include = /^(?:-r|--requirement|-c|--constraint)(?:\s+|=|(?=\S))(.+)$/.exec(content);
  if (include?.[1] !== undefined && !content.startsWith('--c-'))
    return { type: 'include', target: unquote(include[1]), line };
  const editable = /^(?:-e|--editable)(?:\s+|=)(.+)$/.exec(content);
  const target = localTarget(editable?.[1] ?? content);
  if (target !== null) return { type: 'local', target, editable: editable !== null, line };
  const name = /^([A-Za-z0-9][A-Za-z0-9._-]*)/.exec(content)?.[1];
  if (editable !== null || name === undefined)
    return { type: 'other', option: /^--?[\w-]+/.exec(content)?.[0] ?? null, hashed, line };
  return { type: 'name', name: normalizeName(name), hashed, line };
}

function unquote(text: string): string {
  return text.trim().replace(/^(["'])(.*)\1$/, '$2');
}

/** The path in `./lib[extra] ; marker`, `lib @ file:///srv/lib`, `C:\lib`, `wheels/x.whl`; null for anything else. */
function localTarget(written: string): string | null {
  const bare = unquote(written.replace(/\s+--hash.*$/, '').replace(/\s*;.*$/, ''));
  const url = /^(?:[A-Za-z0-9._-]+(?:\[[^\]]*\])?\s*@\s*)?file:(?:\/\/)?([^#]*)/.exec(bare)?.[1];
  if (url !== undefined) return decodeURI(url);
  const withoutExtras = bare.replace(/\[[^\]]*\]$/, '');
  if (/^(\.{1,2}([\\/]|$)|\/|~\/|[A-Za-z]:[\\/])/.test(withoutExtras)) return withoutExtras;
  if (/^[^\s:@]+\.(whl|zip|tar\.(gz|bz2|xz))$/.test(withoutExtras)) return withoutExtras;
  return null;
}

/** The normalised name at the beginning of a requirement such as `Fast_API[all]>=1`; empty when there is none. */
export function requirementName(requirement: string): string {
  return normalizeName(/^\s*([A-Za-z0-9][A-Za-z0-9._-]*)/.exec(requirement)?.[1] ?? '');
}
