import path from 'node:path';
import type { ResolvedRequirements } from '../../config/resolved.js';
import { asRecord, readText } from '../../lib/files.js';
import { normalizeName } from '../../lib/text.js';
import { readProjectDependencies } from './project-file.js';
import { parseRequirementFile, requirementName } from './requirement-file.js';
import { requirementText } from './requirement-text.js';
import { readToml } from './toml.js';

/**
 * Normalised names of the distributions that the requirements name, with what included files name. What cannot be read names
 * nothing: making the environment has said so before.
 */
export async function namedRequirements(requirements: ResolvedRequirements): Promise<string[]> {
  const names = await readNames(requirements);
  return [...new Set(names)].filter((name) => name !== '').sort();
}

async function readNames(requirements: ResolvedRequirements): Promise<string[]> {
  switch (requirements.type) {
    case 'none':
      return [];
    case 'pip': {
      const seen = new Set<string>();
      const files = await Promise.all(requirements.files.map((file) => namesInFile(file, seen)));
      return [...files.flat(), ...requirements.packages.map(requirementName)];
    }
    case 'project':
    case 'lock':
      // Its lock names everything; what the project itself asks for stands beside.
      if (requirements.type === 'lock' && requirements.tool === 'pipenv')
        return await namesInFile(path.join(requirements.directory, 'Pipfile'), new Set());
      return await namesInProject(requirements);
    default:
      return requirements satisfies never;
  }
}

async function namesInFile(file: string, seen: Set<string>): Promise<string[]> {
  if (seen.has(file)) return [];
  seen.add(file);
  const names: string[] = [];
  for (const line of parseRequirementFile(await inWordsOfPip(file))) {
    if (line.type === 'name') names.push(line.name);
    if (line.type === 'include')
      names.push(...(await namesInFile(path.resolve(path.dirname(file), line.target), seen)));
  }
  return names;
}

async function inWordsOfPip(file: string): Promise<string> {
  try {
    return requirementText(file, (await readText(file)) ?? '');
  } catch {
    return '';
  }
}

async function namesInProject({
  directory,
  extras,
  groups,
}: Extract<ResolvedRequirements, { type: 'project' | 'lock' }>): Promise<string[]> {
  const file = path.join(directory, 'pyproject.toml');
  const content = await readToml(file).catch(() => null);
  const poetry = asRecord(asRecord(asRecord(content)?.['tool'])?.['poetry']);
  const inTable = Object.keys(asRecord(poetry?.['dependencies']) ?? {}).filter((name) => name !== 'python');
  let requirements: readonly string[] = [];
  try {
    ({ requirements } = readProjectDependencies(content, { file, extras, groups }));
  } catch {
    // A lock file knows groups that the project does not (extras of PDM): those of the project itself suffice.
  }
  return [...requirements.map(requirementName), ...inTable.map(normalizeName)];
}
