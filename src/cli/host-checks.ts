import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { CheckResult } from './doctor/index.js';
import { type DetectedProject, detectProject } from './init/detect-host.js';
import { findOutputs } from './init/find-migration.js';
import {
  type IsOldBackend,
  oldBackendTest,
  oldBuilderResources,
  oldProgramResources,
} from './init/old-resources.js';
import type { ResolvedConfig } from '../config/resolved.js';
import { asRecord, namesInSync } from '../lib/files.js';

/** Checks of the project's hosts: is the plugin or the preset really in use? */
export async function hostChecks(projectDir: string): Promise<CheckResult[]> {
  const project = await detectProject(projectDir);
  return [
    ...(await forgeChecks(projectDir, project)),
    ...(await builderChecks(projectDir, project)),
    ...(project.forge === null && project.builder === null
      ? [
          {
            id: 'host',
            title: 'Host',
            status: 'warn',
            detail: 'neither Electron Forge nor electron-builder is in package.json',
            fix: 'Install one of them, then run: electron-pyinstaller init',
          } as const,
        ]
      : []),
  ];
}

async function forgeChecks(projectDir: string, { forge }: DetectedProject): Promise<CheckResult[]> {
  if (forge === null) return [];
  const file = forge.file ?? 'package.json';
  const isUsed = await mentions(projectDir, file, 'electron-pyinstaller/forge');
  return [
    {
      id: 'forge-plugin',
      title: 'Electron Forge plugin',
      status: isUsed ? 'ok' : 'warn',
      detail: isUsed ? file : `${file} does not mention electron-pyinstaller/forge`,
      ...(isUsed
        ? {}
        : { fix: 'plugins: [new PyInstallerPlugin()], imported from electron-pyinstaller/forge' }),
    },
  ];
}

async function builderChecks(projectDir: string, { builder }: DetectedProject): Promise<CheckResult[]> {
  if (builder === null) return [];
  const file = builder.file ?? (builder.inPackageJson ? 'package.json' : null);
  const isUsed = file !== null && (await mentions(projectDir, file, 'electron-pyinstaller/electron-builder'));
  const results: CheckResult[] = [
    {
      id: 'electron-builder-preset',
      title: 'electron-builder preset',
      status: isUsed ? 'ok' : 'warn',
      detail: isUsed ? file : `${file ?? 'no configuration file'} does not extend it`,
      ...(isUsed ? {} : { fix: 'extends: electron-pyinstaller/electron-builder' }),
    },
  ];
  for (const hidden of builder.hidden) {
    const matters = await mentions(projectDir, hidden, 'electron-pyinstaller');
    results.push({
      id: 'electron-builder-hidden',
      title: `${hidden} is not read`,
      status: matters ? 'fail' : 'warn',
      detail: builder.inPackageJson
        ? 'the key "build" in package.json hides it'
        : `${builder.file ?? ''} goes before it`,
      fix: builder.inPackageJson
        ? `Move what is under "build" into ${hidden}, or the preset into package.json.`
        : `Keep one of the two files.`,
    });
  }
  return results;
}

/** Rules of the hosts' configurations that ship a backend by hand, beside the one that the build places. */
export async function doubledBackendChecks({ projectDir, backends }: ResolvedConfig): Promise<CheckResult[]> {
  const { forge, builder } = await detectProject(projectDir);
  const sources = [...new Set(backends.flatMap(({ source }) => source))];
  const isOld = oldBackendTest(projectDir, {
    outputs: [...(await findOutputs(projectDir, [projectDir, ...sources])), path.join(projectDir, 'dist')],
    sources,
    names: backends.flatMap(({ name, pyinstaller }) => [name, pyinstaller.name]),
    filesIn: namesInSync,
  });
  const files = [
    ...(forge === null ? [] : [forge.file ?? 'package.json']),
    ...(builder === null ? [] : [builder.file ?? 'package.json']),
  ];
  const results: CheckResult[] = [];
  for (const file of new Set(files)) {
    const text = await readFile(path.join(projectDir, file), 'utf8').catch(() => '');
    for (const { place, from } of await oldRules(file, text, isOld)) {
      results.push({
        id: 'doubled-backend',
        title: 'Backend shipped by hand',
        status: 'fail',
        detail: `${place} ships ${from}: the app would hold the backend twice, and the old one may be the one that is started`,
        fix: `Take it out of ${file}: the build places the backend by itself.`,
      });
    }
  }
  return results;
}

async function oldRules(
  file: string,
  text: string,
  isOld: IsOldBackend,
): Promise<{ place: string; from: string }[]> {
  if (/\.[cm]?[jt]s$/.test(file))
    return oldProgramResources(text, isOld).map(({ line, text: from }) => ({
      place: `${file}:${line}`,
      from,
    }));
  const { parse } = await import('../lib/yaml.js');
  const content: unknown = /\.(?:json5?|ya?ml)$/.test(file) ? parsed(parse, text) : null;
  const manifest = file === 'package.json' ? asRecord(content) : null;
  const packager = asRecord(asRecord(asRecord(manifest?.['config'])?.['forge'])?.['packagerConfig'])?.[
    'extraResource'
  ];
  const found = [
    ...oldBuilderResources(manifest === null ? content : manifest['build'], isOld),
    ...[packager].flat().filter((from): from is string => typeof from === 'string' && isOld(from)),
  ];
  return found.map((from) => ({ place: file, from }));
}

/** What cannot be read is the host's own affair. */
function parsed(parse: (text: string) => unknown, text: string): unknown {
  try {
    return parse(text);
  } catch {
    return null;
  }
}

async function mentions(projectDir: string, file: string, text: string): Promise<boolean> {
  const content = await readFile(path.join(projectDir, file), 'utf8').catch(() => '');
  return content.includes(text);
}
