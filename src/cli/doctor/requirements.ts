import path from 'node:path';
import type { ResolvedBackend } from '../../config/resolved.js';
import { isPyInstallerError } from '../../errors.js';
import { findOnPath, readRequirementInputs, realDisk } from '../../python/index.js';
import type { CheckContext, CheckResult } from './types.js';

/** Whether the files that name the Python packages are there, with everything they include. */
export async function checkRequirements(
  backend: ResolvedBackend,
  context: CheckContext,
): Promise<CheckResult[]> {
  const { requirements } = backend;
  const result = { id: `requirements:${backend.name}`, title: `Requirements of ${backend.name}` } as const;
  if (requirements.type === 'none') {
    if (backend.python.env.type !== 'managed') return [];
    const detail = 'none: only the standard library will be there';
    return [
      { ...result, status: 'warn', detail, fix: "Name them: requirements: 'backend/requirements.txt'." },
    ];
  }
  try {
    await readRequirementInputs(requirements, backend.projectDir, false);
  } catch (error) {
    const hint = isPyInstallerError(error) ? error.hint : undefined;
    const detail = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return [{ ...result, status: 'fail', detail, ...(hint === undefined ? {} : { fix: hint }) }];
  }
  if (requirements.type === 'lock' && requirements.tool === 'uv') {
    const [uv] = findOnPath('uv', context.env, backend.target.platform, realDisk);
    if (uv === undefined) {
      const detail = `${requirements.file} needs uv, which is not on PATH`;
      return [{ ...result, status: 'fail', detail, fix: 'Install uv (https://docs.astral.sh/uv).' }];
    }
  }
  return [{ ...result, status: 'ok', detail: describe(backend) }];
}

function describe({ requirements, projectDir }: ResolvedBackend): string {
  const shown = (file: string) => path.relative(projectDir, file) || '.';
  if (requirements.type === 'lock') return shown(requirements.file);
  if (requirements.type === 'project') return shown(path.join(requirements.directory, 'pyproject.toml'));
  if (requirements.type === 'none') return 'none';
  return [...requirements.files.map(shown), ...requirements.packages].join(', ');
}
