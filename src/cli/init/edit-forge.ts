import { maskCode } from './mask-code.js';

/** An edited file, or what a person has to do because it could not be edited safely. */
export type Edit =
  | { readonly type: 'edited'; readonly text: string }
  | { readonly type: 'unchanged' }
  | { readonly type: 'manual'; readonly lines: string };

const specifier = 'electron-pyinstaller/forge';

/**
 * Add the plugin to a Forge configuration in TypeScript or JavaScript. The text is changed in two places and nowhere
 * else: an import, and one element in front of `plugins`. Unless there is exactly one `plugins: [`, the lines to add are
 * returned instead.
 *
 * @param isCommonJs - the file uses `require`
 */
export function addForgePlugin(text: string, isCommonJs: boolean): Edit {
  const code = maskCode(text);
  if (text.includes(specifier)) return { type: 'unchanged' };
  const importLine = isCommonJs
    ? `const { PyInstallerPlugin } = require('${specifier}');`
    : `import { PyInstallerPlugin } from '${specifier}';`;
  const lists = [...code.matchAll(/\bplugins\s*:\s*\[/g)];
  const list = lists[0];
  if (list === undefined || lists.length !== 1) {
    return { type: 'manual', lines: `${importLine}\n\nplugins: [new PyInstallerPlugin()],` };
  }
  const at = list.index + list[0].length;
  const withPlugin = `${text.slice(0, at)}${element(text, code, at)}${text.slice(at)}`;
  return { type: 'edited', text: addImport(withPlugin, maskCode(withPlugin), importLine) };
}

/** One element, on a line of its own when the others are. */
function element(text: string, code: string, at: number): string {
  const rest = code.slice(at);
  const isEmpty = /^\s*\]/.test(rest);
  const newline = /^[^\S\n]*\n([^\S\n]*)/.exec(text.slice(at));
  if (newline !== null && !isEmpty) return `\n${newline[1] ?? ''}new PyInstallerPlugin(),`;
  return isEmpty ? 'new PyInstallerPlugin()' : 'new PyInstallerPlugin(), ';
}

/** Behind the last import or require at the top of the file, else in front of everything. */
function addImport(text: string, code: string, line: string): string {
  const pattern = /^(?:import\b[^;]*?(?:from\s*)?['"][^\n]*|(?:const|let|var)\b[^=;]*=\s*require\([^\n]*)$/gm;
  let end = 0;
  for (const match of code.matchAll(pattern)) end = match.index + match[0].length;
  if (end === 0) {
    const shebang = /^(?:#![^\n]*\n)?/.exec(text)?.[0].length ?? 0;
    return `${text.slice(0, shebang)}${line}\n${text.slice(shebang)}`;
  }
  return `${text.slice(0, end)}\n${line}${text.slice(end)}`;
}
