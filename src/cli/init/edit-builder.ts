import { isScalar, isSeq, parseDocument, YAMLSeq } from 'yaml';
import type { Edit } from './edit-forge.js';

/** What `extends` gets. */
export const presetName = 'electron-pyinstaller/electron-builder';

/**
 * Add the preset to `electron-builder.yml`, keeping comments, order and spelling of everything else. A preset that is there
 * already stays, behind ours, so that its hooks win where both have one.
 */
export function extendYaml(text: string): Edit {
  const document = parseDocument(text);
  if (document.errors.length > 0) return manual();
  const current = document.get('extends', true);
  if (current === undefined || current === null) {
    if (document.contents === null) return { type: 'edited', text: `extends: ${presetName}\n${text}` };
    // Written as text, in front: adding a key to the document would put it at the end and may move comments.
    return { type: 'edited', text: insertFirst(text, `extends: ${presetName}`) };
  }
  if (isScalar(current)) {
    if (current.value === presetName) return { type: 'unchanged' };
    const list = new YAMLSeq();
    list.items = [document.createNode(presetName), current];
    document.set('extends', list);
    return { type: 'edited', text: document.toString({ lineWidth: 0 }) };
  }
  if (!isSeq(current)) return manual();
  if (current.items.some((item) => isScalar(item) && item.value === presetName)) return { type: 'unchanged' };
  current.items.unshift(document.createNode(presetName));
  return { type: 'edited', text: document.toString({ lineWidth: 0 }) };
}

/** In front of the first key: behind comments and directives that head the file. */
function insertFirst(text: string, line: string): string {
  const lines = text.split('\n');
  let index = 0;
  while (index < lines.length && /^\s*(?:#.*|%.*|---.*)?$/.test(lines[index] ?? '')) index++;
  // A comment right above the first key belongs to it.
  while (index > 0 && /^\s*#(?!\s*yaml-language-server)/.test(lines[index - 1] ?? '')) index--;
  return [...lines.slice(0, index), line, ...lines.slice(index)].join('\n');
}

/** Add the preset to a configuration in JSON: `electron-builder.json` or `build` of package.json. */
export function extendJson(text: string, key: 'build' | null): Edit {
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch {
    return manual();
  }
  if (typeof root !== 'object' || root === null) return manual();
  const section = key === null ? root : (root as Record<string, unknown>)[key];
  if (typeof section !== 'object' || section === null) return manual();
  const config = section as { extends?: unknown };
  const current = config.extends;
  const list = Array.isArray(current)
    ? (current as unknown[])
    : current === undefined || current === null
      ? []
      : [current];
  if (list.includes(presetName)) return { type: 'unchanged' };
  config.extends = list.length === 0 ? presetName : [presetName, ...list];
  return { type: 'edited', text: `${JSON.stringify(root, null, indentation(text))}\n` };
}

/** Add the Forge plugin to `config.forge` of package.json. */
export function addForgePluginToJson(text: string): Edit {
  let root: { config?: { forge?: { plugins?: unknown } } };
  try {
    root = JSON.parse(text) as typeof root;
  } catch {
    return { type: 'manual', lines: '"plugins": [{ "name": "electron-pyinstaller/forge", "config": {} }]' };
  }
  const forge = root.config?.forge;
  if (typeof forge !== 'object' || forge === null) {
    return { type: 'manual', lines: '"plugins": [{ "name": "electron-pyinstaller/forge", "config": {} }]' };
  }
  const plugins = Array.isArray(forge.plugins) ? (forge.plugins as { name?: unknown }[]) : [];
  if (plugins.some((plugin) => plugin.name === 'electron-pyinstaller/forge')) return { type: 'unchanged' };
  forge.plugins = [...plugins, { name: 'electron-pyinstaller/forge', config: {} }];
  return { type: 'edited', text: `${JSON.stringify(root, null, indentation(text))}\n` };
}

/** Of a text in JSON, as `JSON.stringify` takes it. */
export function indentation(text: string): string | number {
  return /^\{\s*\n([ \t]+)/.exec(text)?.[1] ?? 2;
}

function manual(): Edit {
  return { type: 'manual', lines: `extends: ${presetName}` };
}
