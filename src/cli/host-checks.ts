import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { CheckResult } from './doctor/index.js';
import { type DetectedProject, detectProject } from './init/detect-host.js';

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

async function mentions(projectDir: string, file: string, text: string): Promise<boolean> {
  const content = await readFile(path.join(projectDir, file), 'utf8').catch(() => '');
  return content.includes(text);
}
