import { existsSync } from 'node:fs';
import path from 'node:path';
import { versionToInstall } from '../../../config/limits.js';
import { requirementFiles } from '../../../config/requirement-files.js';
import type { ResolvedConfig } from '../../../config/resolved.js';
import { asRecord, readText } from '../../../lib/files.js';
import { withSlashes } from '../../../lib/paths.js';
import type { DetectedBackend } from '../detect-backend.js';
import type { DetectedProject } from '../detect-host.js';
import { dependenciesOf, scriptsOf } from '../package-json.js';
import type { PackageManager } from '../package-manager.js';
import { type BuildInput, buildCommands } from './commands.js';
import { findRepository, type Repository } from './repository.js';

/** Everything that a workflow says of a project. Paths relative to the repository's root, `/` between. */
export interface WorkflowFacts {
  readonly host: BuildInput['host'];
  readonly packageManager: PackageManager;
  readonly repository: Omit<Repository, 'root'>;
  /** A file that names the version of Node; null: 22. */
  readonly nodeVersionFile: string | null;
  /** Yarn is in the repository itself (`yarnPath`). */
  readonly hasOwnYarn: boolean;
  /** The last one is `python` on PATH. */
  readonly pythonVersions: readonly string[];
  readonly usesUv: boolean;
  /** Files that say which Python packages are installed. */
  readonly requirementFiles: readonly string[];
  /** Commands that make the app, in the project's folder. */
  readonly commands: readonly string[];
  /** Globs of what was made. */
  readonly outputs: readonly string[];
}

/** Targets of electron-builder that are written into a folder of their own, by a word of its configuration. */
const ownFolders = [
  ['squirrel', 'squirrel-windows'],
  ['nsis-web', 'nsis-web'],
] as const;

/** What {@link findWorkflowFacts} looks at. */
export interface FactsInput {
  readonly projectDir: string;
  readonly project: DetectedProject;
  /** null: {@link FactsInput.config} describes the backends. */
  readonly backend: DetectedBackend | null;
  readonly config: ResolvedConfig | null;
}

/** Find out what a workflow has to say. */
export async function findWorkflowFacts(input: FactsInput): Promise<WorkflowFacts & { root: string }> {
  const { projectDir, project, config } = input;
  const { root, ...repository } = await findRepository(projectDir);
  const inRepository = (file: string) => withSlashes(path.relative(root, file));
  const host = project.forge !== null ? 'forge' : project.builder !== null ? 'electron-builder' : 'none';
  const hostText = await hostConfigText(projectDir, project);
  const hasMakers = /\bmakers["']?\s*:\s*(?!\[\s*\])/.test(hostText);
  const python = pythonFacts(input);
  const output = host === 'forge' ? forgeOutput(hostText) : builderOutput(hostText);
  const at = (file: string) => path.posix.join(repository.project, file);
  return {
    root,
    host,
    packageManager: project.packageManager,
    repository,
    nodeVersionFile: await nodeVersionFile([projectDir, root], inRepository),
    hasOwnYarn: /^yarnPath:/m.test(
      (await readText(path.join(root, repository.installFolder, '.yarnrc.yml'))) ?? '',
    ),
    pythonVersions: python.versions,
    usesUv: python.usesUv,
    requirementFiles: python.files.filter((file) => existsSync(file)).map(inRepository),
    commands: [
      ...buildCommands({
        host,
        packageManager: project.packageManager,
        scripts: scriptsOf(project.packageJson),
        usesElectronVite: 'electron-vite' in dependenciesOf(project.packageJson),
        generates: config === null ? project.hasGenerated : config.generate !== null,
        hasMakers,
      }),
      // An artifact keeps neither links nor permissions, which a packaged app needs.
      ...(host === 'forge' && !hasMakers ? [`cd ${output} && tar -cf app.tar *-\${{ matrix.target }}`] : []),
    ],
    outputs:
      host === 'none'
        ? [at('frozen/**')]
        : host === 'forge'
          ? [at(hasMakers ? `${output}/make/**` : `${output}/app.tar`)]
          : [
              at(`${output}/*.*`),
              ...ownFolders
                .filter(([word]) => hostText.includes(word))
                .map(([, folder]) => at(`${output}/${folder}/*`)),
            ],
  };
}

/** The text of the configuration of the host, of whatever form. */
async function hostConfigText(
  projectDir: string,
  { forge, builder, packageJson }: DetectedProject,
): Promise<string> {
  if (forge !== null) {
    if (forge.file !== null) return (await readText(path.join(projectDir, forge.file))) ?? '';
    return JSON.stringify(asRecord(packageJson['config'])?.['forge'] ?? {});
  }
  if (builder === null) return '';
  if (builder.file !== null) return (await readText(path.join(projectDir, builder.file))) ?? '';
  return JSON.stringify(packageJson['build'] ?? {});
}

/** `outDir` of Forge. Pure. */
function forgeOutput(text: string): string {
  return clean(/\boutDir["']?\s*:\s*["']([^"'\n]+)["']/.exec(text)?.[1] ?? 'out');
}

/** `directories.output` of electron-builder, in YAML, JSON or a program; what it computes is a `*`. Pure. */
function builderOutput(text: string): string {
  const [, group = ''] =
    /\bdirectories["']?\s*:\s*(\{(?:\$\{\w+\}|[^}])*\}|(?:\r?\n[ \t]+[^\n]*)+)/.exec(text) ?? [];
  return clean(/\boutput["']?\s*:\s*["']?((?:\$\{\w+\}|[^"',\n}])*)/.exec(group)?.[1] || 'dist');
}

function clean(folder: string): string {
  return withSlashes(folder.trim())
    .replace(/^\.\//, '')
    .replace(/\/+$/, '')
    .replaceAll(/\$\{[^}]*\}/g, '*');
}

/** A version file that asks for a Node that this package runs on. */
async function nodeVersionFile(
  folders: readonly string[],
  inRepository: (file: string) => string,
): Promise<string | null> {
  for (const file of folders.flatMap((folder) =>
    ['.nvmrc', '.node-version'].map((name) => path.join(folder, name)),
  )) {
    const major = /^\s*v?(\d+)/.exec((await readText(file)) ?? '')?.[1];
    if (major !== undefined && Number(major) >= 22) return inRepository(file);
  }
  return null;
}

function pythonFacts({ projectDir, backend, config }: FactsInput): {
  versions: string[];
  usesUv: boolean;
  files: string[];
} {
  const backends = config?.backends ?? [];
  const files = [
    ...backends.flatMap(({ requirements }) => requirementFiles(requirements)),
    ...[backend?.requirements ?? []].flat().map((file) => path.resolve(projectDir, file)),
  ];
  const versions = backends.map(({ python }) => versionToInstall(python.version)).reverse();
  return {
    versions: versions.length === 0 ? [versionToInstall('>=3.10')] : [...new Set(versions)],
    usesUv:
      backends.some(({ python }) => python.installer === 'uv') ||
      files.some((file) => path.basename(file) === 'uv.lock'),
    files: [...new Set(files)],
  };
}
