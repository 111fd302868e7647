import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadConfig, resolveConfig } from '../../../src/config/index.js';
import { freezeBackend } from '../../../src/freeze/index.js';
import type { BackendManifest, RuntimeSettings } from '../../../src/runtime/manifest.js';
import { hostTarget } from '../../../src/target.js';
import { temporaryFolder } from '../../support/files.js';
import { repositoryDir, testCacheDir } from '../../support/paths.js';
import { python, testSettings } from '../support.js';
import { note } from './rows.js';
import { verifyBundle } from '../../../src/verify/verify.js';

/** How the fault application (test/fixtures/runtime/faults.py) is run. */
export interface Program {
  readonly label: 'development' | 'onedir' | 'onefile';
  readonly manifest: BackendManifest;
  /** Folder that plays the app's resources. */
  readonly resources: string;
}

/** The program with other settings and faults. */
export function programManifest(
  program: Program,
  env: Readonly<Record<string, string>> = {},
  settings: Partial<RuntimeSettings> = {},
): BackendManifest {
  const merged = { ...program.manifest.settings, ...testSettings, ...settings };
  return { ...program.manifest, settings: { ...merged, env: { ...env, ...settings.env } } };
}

const source = path.join(repositoryDir, 'test/fixtures/runtime');

/** All variants. The frozen ones come from the cache after the first time. */
export async function programs(): Promise<readonly Program[]> {
  return [await developmentProgram(), await frozenProgram('onedir'), await frozenProgram('onefile')];
}

export async function developmentProgram(): Promise<Program> {
  const folder = path.join(testCacheDir, 'runtime-faults');
  await mkdir(folder, { recursive: true });
  const entry = path.join(folder, 'entry.json');
  const descriptor = {
    v: 1,
    name: 'engine',
    kind: 'http',
    entry: { type: 'wsgi', module: 'faults', attribute: 'app' },
    paths: [source],
  };
  await writeFile(entry, JSON.stringify(descriptor));
  const bootstrap = path.join(repositoryDir, 'companion/bootstrap.py');
  return {
    label: 'development',
    resources: folder,
    manifest: {
      name: 'engine',
      kind: 'http',
      companion: 'full',
      key: 'development',
      versions: { python: '3', pyinstaller: '', package: '0' },
      settings: testSettings,
      program: {
        type: 'development',
        interpreter: python,
        args: ['-u', '-X', 'utf8', bootstrap, `--electron-pyinstaller-entry=${entry}`],
        cwd: source,
        env: { PYTHONDONTWRITEBYTECODE: '1' },
        watch: [],
      },
    },
  };
}

/** @param job - What is frozen, as in the configuration; its source is test/fixtures/runtime. */
export async function frozenProgram(
  mode: 'onedir' | 'onefile',
  job: Readonly<Record<string, unknown>> = { entry: { wsgi: 'faults:app' } },
): Promise<Program> {
  const projectDir = await mkdtemp(path.join(tmpdir(), 'epy faults-'));
  try {
    const backends = {
      engine: { ...job, source, verify: { run: false }, pyinstaller: { mode } },
    };
    await writeFile(path.join(projectDir, 'pyinstaller.config.json'), JSON.stringify({ backends }));
    await writeFile(path.join(projectDir, 'package.json'), '{"name":"faults"}');
    const loaded = await loadConfig({ projectDir });
    const [backend] = resolveConfig(loaded, { target: hostTarget(), cacheDir: testCacheDir }).backends;
    if (backend === undefined) throw new Error('no backend was resolved');
    const frozen = await freezeBackend(backend, { cacheDir: testCacheDir, verify: verifyBundle });
    const { manifest, bundleDir } = frozen;
    if (manifest.program.type !== 'frozen') throw new Error('not frozen');
    note({ python: manifest.versions.python, pyinstaller: manifest.versions.pyinstaller });
    // The bundle where the cache has it, instead of a copy in resources.
    const directories = Object.fromEntries(
      Object.keys(manifest.program.directories).map((arch) => [arch, path.basename(bundleDir)]),
    );
    return {
      label: mode,
      resources: path.dirname(bundleDir),
      manifest: { ...manifest, program: { ...manifest.program, directories } },
    };
  } finally {
    await rm(projectDir, { recursive: true, force: true });
  }
}

/** A copy that may be damaged. */
export async function copyOf(
  program: Program,
): Promise<{ program: Program; executable: string; directory: string }> {
  const resources = await temporaryFolder();
  const { program: where } = program.manifest;
  if (where.type !== 'frozen') throw new Error('only frozen programs can be copied');
  const [arch = '', folder = ''] = Object.entries(where.directories)[0] ?? [];
  const directory = path.join(resources, 'engine');
  await cp(path.join(program.resources, folder), directory, { recursive: true, verbatimSymlinks: true });
  // The cache's bundles are read-only.
  execFileSync('chmod', ['-R', 'u+w', directory]);
  const manifest = { ...program.manifest, program: { ...where, directories: { [arch]: 'engine' } } };
  return {
    program: { ...program, resources, manifest },
    executable: path.join(directory, where.executable),
    directory,
  };
}
