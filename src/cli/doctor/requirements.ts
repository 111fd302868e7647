import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { shownPath, withSlashes } from '../../lib/paths.js';
import type { ResolvedBackend } from '../../config/resolved.js';
import { isPyInstallerError } from '../../errors.js';
import {
  findOnPath,
  isForeign,
  mayBringUv,
  missingFromPip,
  readCondaEnvironment,
  readRequirementInputs,
  realDisk,
} from '../../python/index.js';
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
    if (uv === undefined && !mayBringUv(backend.python)) {
      const detail = `${requirements.file} needs uv, which is not on PATH`;
      return [{ ...result, status: 'fail', detail, fix: 'Install uv (https://docs.astral.sh/uv).' }];
    }
  }
  const rest = await ofConda(requirements);
  if (rest.length > 0) {
    const file = path.relative(
      backend.projectDir,
      requirements.type === 'pip' ? (requirements.files.find(isForeign) ?? '') : '',
    );
    const shown = withSlashes(file);
    const detail = `${shown}: only its pip part is installed; conda has besides ${rest.join(', ')}`;
    const list = [shown, ...rest].map((name) => `'${name}'`).join(', ');
    const fix = `Name what the program imports, as PyPI calls it: requirements: [${list}]. Or freeze the conda environment as it is (larger): python: { env: '<its folder>' }.`;
    return [{ ...result, status: 'warn', detail, fix }];
  }
  return [{ ...result, status: 'ok', detail: describe(backend) }];
}

/** What a conda environment lists that pip does not install, in the words of pip. */
async function ofConda(requirements: ResolvedBackend['requirements']): Promise<string[]> {
  if (requirements.type !== 'pip') return [];
  const files = requirements.files.filter((file) => isForeign(file) && path.basename(file) !== 'Pipfile');
  const environments = await Promise.all(
    files.map(async (file) => readCondaEnvironment(await readFile(file, 'utf8'), file)),
  );
  return environments.flatMap((environment) => missingFromPip(environment, requirements.packages));
}

function describe({ requirements, projectDir }: ResolvedBackend): string {
  const shown = (file: string) => shownPath(projectDir, file);
  if (requirements.type === 'lock') return shown(requirements.file);
  if (requirements.type === 'project') return shown(path.join(requirements.directory, 'pyproject.toml'));
  if (requirements.type === 'none') return 'none';
  return [...requirements.files.map(shown), ...requirements.packages].join(', ');
}
