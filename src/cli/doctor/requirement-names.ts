import path from 'node:path';
import type { ResolvedRequirements } from '../../config/resolved.js';
import { readText } from '../../lib/files.js';
import { parseRequirementFile } from '../../python/requirements/requirement-file.js';

/** Names of the packages that are asked for, as far as the files tell: with all that a lock file pins. Never rejects. */
export async function requirementNames(requirements: ResolvedRequirements): Promise<string[]> {
  switch (requirements.type) {
    case 'none':
      return [];
    case 'pip': {
      const seen = new Set<string>();
      const inFiles: string[] = [];
      for (const file of requirements.files) inFiles.push(...(await namesInFile(file, seen)));
      return [...inFiles, ...requirements.packages.flatMap(namesIn)];
    }
    case 'lock':
      return quotedNames((await readText(requirements.file)) ?? '');
    case 'project':
      return quotedNames((await readText(path.join(requirements.directory, 'pyproject.toml'))) ?? '');
    default:
      return requirements satisfies never;
  }
}

/** Whether the files ask for wheels of PyTorch without CUDA. Never rejects. */
export async function asksForCpu(requirements: ResolvedRequirements): Promise<boolean> {
  const texts = await Promise.all(filesOf(requirements).map((file) => readText(file).catch(() => null)));
  return texts.some((text) => /\/whl\/cpu\b|\+cpu\b/.test(text ?? ''));
}

function filesOf(requirements: ResolvedRequirements): readonly string[] {
  if (requirements.type === 'none') return [];
  if (requirements.type === 'pip') return requirements.files;
  const project = path.join(requirements.directory, 'pyproject.toml');
  return requirements.type === 'lock' ? [requirements.file, project] : [project];
}

async function namesInFile(file: string, seen: Set<string>): Promise<string[]> {
  if (seen.has(file)) return [];
  seen.add(file);
  const text = (await readText(file)) ?? '';
  const names = namesIn(text);
  for (const line of parseRequirementFile(text)) {
    if (line.type === 'include')
      names.push(...(await namesInFile(path.resolve(path.dirname(file), line.target), seen)));
  }
  return names;
}

function namesIn(text: string): string[] {
  return parseRequirementFile(text).flatMap((line) => (line.type === 'name' ? [line.name] : []));
}

/** In TOML names are quoted: `name = "torch"` of a lock, `"torch>=2"` of a project. Other words do no harm: few are known. */
function quotedNames(text: string): string[] {
  return [...text.matchAll(/["']([A-Za-z0-9][\w.-]*)(?=["'\s[<>=!~;])/g)].map((match) => match[1] ?? '');
}
