import { existsSync } from 'node:fs';
import path from 'node:path';
import { configFileName } from './config-file-name.js';
import { type ConfigExtras, configText } from './config-text.js';
import type { DetectedBackend } from './detect-backend.js';
import type { DetectedProject } from './detect-host.js';
import { addForgePluginToJson, extendJson, extendYaml, presetName } from './edit-builder.js';
import { addForgePlugin, type Edit } from './edit-forge.js';
import { type Format, projectFormatter } from './formatter.js';
import { workflowFile, workflowText } from './workflow.js';
import { readText } from '../../lib/files.js';

/** One thing that `init` does or asks for. Files relative to the project. */
export type Step =
  | {
      readonly type: 'write';
      readonly file: string;
      readonly text: string;
      /** What stands there now; null: the file is new. */
      readonly before: string | null;
      readonly why: string;
    }
  | { readonly type: 'manual'; readonly file: string; readonly lines: string; readonly why: string }
  | { readonly type: 'note'; readonly text: string };

/** What to make of a project. */
export interface PlanInput {
  readonly projectDir: string;
  readonly project: DetectedProject;
  /** null: a configuration describes the backends already. */
  readonly backend: DetectedBackend | null;
  readonly ci: 'github' | null;
}

/** Decide every step; nothing is written here. */
export async function makePlan({ projectDir, project, backend, ci }: PlanInput): Promise<Step[]> {
  const steps: Step[] = [];
  const format = await projectFormatter(projectDir);
  if (backend !== null) {
    const file = await configFileName(projectDir, project.packageJson['type'] === 'module');
    const text = configText(backend, file, generatedIn(projectDir));
    steps.push({ type: 'write', file, text, before: null, why: 'describes the backend' });
  } else {
    steps.push({
      type: 'note',
      text: `${project.existing ?? 'The configuration'} describes the backends already; it stays as it is.`,
    });
  }
  if (project.forge !== null) steps.push(await forgeStep(projectDir, project));
  if (project.builder !== null) steps.push(...(await builderSteps(projectDir, project)));
  if (project.forge === null && project.builder === null) {
    steps.push({
      type: 'note',
      text: 'Neither Electron Forge nor electron-builder is in package.json, so nothing packages the backend yet. Install one of them and run init again: it adds the plugin or the preset, and changes nothing else.',
    });
  }
  if (ci === 'github') {
    const exists = (await readText(path.join(projectDir, workflowFile))) !== null;
    steps.push(
      exists
        ? { type: 'note', text: `${workflowFile} is there already; it stays as it is.` }
        : {
            type: 'write',
            file: workflowFile,
            text: workflowText(project),
            before: null,
            why: 'builds on Windows, macOS and Linux',
          },
    );
  }
  return Promise.all(steps.map((step) => formatted(step, format)));
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

async function builderSteps(projectDir: string, project: DetectedProject): Promise<Step[]> {
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
    return [...steps, toStep('package.json', text, extendJson(text, 'build'), why)];
  }
  if (builder.file === null) {
    const text = `extends: ${presetName}\n`;
    return [...steps, { type: 'write', file: 'electron-builder.yml', text, before: null, why }];
  }
  const text = (await readText(path.join(projectDir, builder.file))) ?? '';
  const edit: Edit = /\.ya?ml$/.test(builder.file)
    ? extendYaml(text)
    : builder.file.endsWith('.json')
      ? extendJson(text, null)
      : { type: 'manual', lines: `extends: '${presetName}',` };
  return [...steps, toStep(builder.file, text, edit, why)];
}

function toStep(file: string, before: string, edit: Edit, why: string): Step {
  switch (edit.type) {
    case 'edited':
      return { type: 'write', file, text: edit.text, before, why };
    case 'manual':
      return { type: 'manual', file, lines: edit.lines, why };
    case 'unchanged':
      return { type: 'note', text: `${file} is set up already.` };
    default:
      return edit satisfies never;
  }
}
