import { existsSync } from 'node:fs';
import path from 'node:path';
import { configFileName } from './config-file-name.js';
import { type ConfigExtras, configText } from './config-text.js';
import type { DetectedBackend } from './detect-backend.js';
import type { DetectedProject } from './detect-host.js';
import { addForgePluginToJson, extendJson, extendYaml, presetName } from './edit-builder.js';
import { addForgePlugin, type Edit } from './edit-forge.js';
import { type Format, projectFormatter } from './formatter.js';
import type { OldBuild } from './find-migration.js';
import type { Glue } from './old-glue.js';
import {
  type IsOldBackend,
  oldProgramResources,
  withoutJsonResources,
  withoutYamlResources,
} from './old-resources.js';
import { withoutFreezingScript } from './old-scripts.js';
import { readPyInstallerCommand } from './pyinstaller-command.js';
import { commandsIn } from './shell-words.js';
import type { Step } from './step.js';
import { workflowStep } from './workflow/plan.js';
import type { ResolvedConfig } from '../../config/resolved.js';
import { namesIn, readText } from '../../lib/files.js';

/** What to make of a project. */
export interface PlanInput {
  readonly projectDir: string;
  readonly project: DetectedProject;
  /** null: a configuration describes the backends already. */
  readonly backend: DetectedBackend | null;
  readonly ci: 'github' | null;
  /** What the project's configuration says; null: there is none yet, or nobody asks. */
  readonly config: ResolvedConfig | null;
  /** How the backend was frozen, shipped and started before; null: nothing of it is looked for. */
  readonly old: {
    readonly build: OldBuild;
    readonly isOld: IsOldBackend;
    readonly glue: readonly Glue[];
  } | null;
}

/** Decide every step; nothing is written here. */
export async function makePlan({
  projectDir,
  project,
  backend,
  ci,
  config,
  old,
}: PlanInput): Promise<Step[]> {
  const steps: Step[] = [];
  const format = await projectFormatter(projectDir);
  if (backend !== null) {
    const file = await configFileName(projectDir, project.packageJson['type'] === 'module');
    const text = configText(backend, file, {
      ...generatedIn(projectDir),
      hasGenerated: project.hasGenerated,
    });
    steps.push({ type: 'write', file, text, before: null, why: 'describes the backend' });
  } else {
    steps.push({
      type: 'note',
      text: `${project.existing ?? 'The configuration'} describes the backends already; it stays as it is.`,
    });
  }
  const isOld = old?.isOld ?? (() => false);
  if (project.forge !== null) steps.push(...(await forgeSteps(projectDir, project, isOld)));
  if (project.builder !== null) steps.push(...(await builderSteps(projectDir, project, isOld)));
  const scriptless = old === null ? null : await withoutOldScript(projectDir, steps, old.build);
  if (old !== null) steps.push(...oldSteps(old, scriptless === null));
  if (project.forge === null && project.builder === null) {
    steps.push({
      type: 'note',
      text: 'Neither Electron Forge nor electron-builder is in package.json, so nothing packages the backend yet. Install one of them and run init again: it adds the plugin or the preset, and changes nothing else.',
    });
  }
  if (ci === 'github') steps.push(await workflowStep({ projectDir, project, backend, config }, format));
  const final = scriptless === null ? steps : [...steps.filter(isNotOf('package.json')), scriptless];
  return Promise.all(final.map((step) => formatted(step, format)));
}

const isNotOf = (file: string) => (step: Step) => step.type !== 'write' || step.file !== file;

/** package.json without the script that froze the backend; null: there is none, or taking it out might harm. */
async function withoutOldScript(
  projectDir: string,
  steps: readonly Step[],
  { scripts, migrations }: OldBuild,
): Promise<Extract<Step, { type: 'write' }> | null> {
  const [script] = scripts;
  // Of several, one may freeze what nobody described yet.
  if (script === undefined || scripts.length > 1 || migrations.length !== 1) return null;
  const file = 'package.json';
  if (script.file !== file) return null;
  const workflows = path.join(projectDir, '.github', 'workflows');
  for (const name of await namesIn(workflows))
    if ((await readText(path.join(workflows, name)))?.includes(script.name) === true) return null;
  const planned = steps.find((step) => step.type === 'write' && step.file === file);
  const before = (await readText(path.join(projectDir, file))) ?? '';
  const without = withoutFreezingScript(planned?.type === 'write' ? planned.text : before, script);
  if (without === null) return null;
  const called = without.changed.map((name) => `, which "${name}" does not call any more`).join('');
  const why = `no longer has the script "${script.name}"${called}: the build freezes by itself`;
  return {
    type: 'write',
    file,
    text: without.text,
    before,
    why: planned?.type === 'write' ? `${planned.why}; ${why}` : why,
  };
}

/** electron-vite and others compile `src/main` alone, so the generated module goes there. */
function generatedIn(projectDir: string): ConfigExtras {
  const isThere =
    existsSync(path.join(projectDir, 'tsconfig.json')) && existsSync(path.join(projectDir, 'src', 'main'));
  return isThere ? { generate: 'src/main/backends.gen.ts' } : {};
}

/** As the project's own formatter writes it; an edited file only if it was written so before. */
async function formatted(step: Step, format: Format): Promise<Step> {
  if (step.type !== 'write') return step;
  const { before, file } = step;
  if (before !== null && (await format(before, file)) !== before) return step;
  return { ...step, text: await format(step.text, file) };
}

const shortened = (text: string): string => text.replaceAll(/\s+/g, ' ').replace(/^(.{70}).+$/, '$1…');

/** What was done by hand and is not needed any more. */
function oldSteps({ build, glue }: NonNullable<PlanInput['old']>, scriptsStay: boolean): Step[] {
  const steps: Step[] = [];
  for (const file of scriptsStay ? new Set(build.scripts.map((script) => script.file)) : [])
    steps.push({
      type: 'replace',
      file,
      why: 'freezes by itself in',
      items: build.scripts
        .filter((script) => script.file === file)
        .map(({ name, command, usedBy }) => ({
          line: null,
          text:
            file === name
              ? shortened(commandsIn(command).find((one) => readPyInstallerCommand(one) !== null) ?? command)
              : `"${name}": ${JSON.stringify(shortened(command))}`,
          instead:
            usedBy.length === 0
              ? 'not needed any more'
              : `not needed any more; take it out of ${usedBy.map((other) => `"${other}"`).join(', ')}${file === name ? ' of package.json' : ''} too`,
        })),
    });
  for (const file of new Set(glue.map((item) => item.file)))
    steps.push({
      type: 'replace',
      file,
      why: 'does by hand what the runtime does',
      items: glue.filter((item) => item.file === file),
    });
  return steps;
}

/** Rules of a configuration that is a program: named, for nobody should edit a program by guessing. */
function programResources(file: string, text: string, isOld: IsOldBackend): Step[] {
  const items = oldProgramResources(text, isOld).map((item) => ({
    ...item,
    instead: 'take it out: the backend is placed by the build',
  }));
  return items.length === 0 ? [] : [{ type: 'replace', file, why: 'ships the backend by hand', items }];
}

async function forgeSteps(
  projectDir: string,
  project: DetectedProject,
  isOld: IsOldBackend,
): Promise<Step[]> {
  const file = project.forge?.file ?? null;
  const text = file === null ? null : await readText(path.join(projectDir, file));
  const resources = file === null || text === null ? [] : programResources(file, text, isOld);
  return [await forgeStep(projectDir, project), ...resources];
}

async function forgeStep(projectDir: string, project: DetectedProject): Promise<Step> {
  const why = 'adds the plugin';
  if (project.forge?.inPackageJson === true) {
    const text = (await readText(path.join(projectDir, 'package.json'))) ?? '';
    return toStep('package.json', text, addForgePluginToJson(text), why);
  }
  const file = project.forge?.file ?? null;
  if (file === null) {
    const name = `forge.config.${project.hasTypeScript ? 'ts' : 'mjs'}`;
    const text = [
      "import { PyInstallerPlugin } from 'electron-pyinstaller/forge';",
      '',
      'export default {',
      '  packagerConfig: { asar: true },',
      '  plugins: [new PyInstallerPlugin()],',
      '};',
      '',
    ].join('\n');
    return { type: 'write', file: name, text, before: null, why };
  }
  const text = (await readText(path.join(projectDir, file))) ?? '';
  const isModule =
    /\.m[jt]s$|\.ts$/.test(file) || (file.endsWith('.js') && project.packageJson['type'] === 'module');
  const isCommonJs = !isModule && /\bmodule\.exports\b|\brequire\(/.test(text);
  return toStep(file, text, addForgePlugin(text, isCommonJs), why);
}

async function builderSteps(
  projectDir: string,
  project: DetectedProject,
  isOld: IsOldBackend,
): Promise<Step[]> {
  const why = 'extends the preset';
  const builder = project.builder;
  if (builder === null) return [];
  const steps: Step[] = builder.hidden.map((file) => ({
    type: 'note',
    text: builder.inPackageJson
      ? `electron-builder does not read ${file}: the key "build" in package.json hides it.`
      : `electron-builder does not read ${file}: ${builder.file ?? ''} goes before it.`,
  }));
  if (builder.inPackageJson) {
    const text = (await readText(path.join(projectDir, 'package.json'))) ?? '';
    const { text: rest, removed } = withoutJsonResources(text, 'build', isOld);
    return [
      ...steps,
      toStep('package.json', text, extendJson(rest, 'build'), withRemoved(why, removed), rest),
    ];
  }
  if (builder.file === null) {
    const text = `extends: ${presetName}\n`;
    return [...steps, { type: 'write', file: 'electron-builder.yml', text, before: null, why }];
  }
  const text = (await readText(path.join(projectDir, builder.file))) ?? '';
  if (/\.ya?ml$/.test(builder.file)) {
    const { text: rest, removed } = withoutYamlResources(text, isOld);
    return [...steps, toStep(builder.file, text, extendYaml(rest), withRemoved(why, removed), rest)];
  }
  if (builder.file.endsWith('.json')) {
    const { text: rest, removed } = withoutJsonResources(text, null, isOld);
    return [...steps, toStep(builder.file, text, extendJson(rest, null), withRemoved(why, removed), rest)];
  }
  const edit: Edit = { type: 'manual', lines: `extends: '${presetName}',` };
  return [...steps, toStep(builder.file, text, edit, why), ...programResources(builder.file, text, isOld)];
}

function withRemoved(why: string, removed: readonly string[]): string {
  return removed.length === 0 ? why : `${why}; no longer ships ${removed.join(', ')}, which the build does`;
}

/** @param rest - the text without what was taken out of it, when that is another */
function toStep(file: string, before: string, edit: Edit, why: string, rest = before): Step {
  switch (edit.type) {
    case 'edited':
      return { type: 'write', file, text: edit.text, before, why };
    case 'manual':
      return { type: 'manual', file, lines: edit.lines, why };
    case 'unchanged':
      return rest === before
        ? { type: 'note', text: `${file} is set up already.` }
        : { type: 'write', file, text: rest, before, why };
    default:
      return edit satisfies never;
  }
}
