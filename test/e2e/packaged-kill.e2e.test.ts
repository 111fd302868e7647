import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { processTree, waitForLeftovers } from '../../scripts/demo/processes.ts';
import { fixtureApp, fixtureConfig, fixtureConfigFile } from '../support/fixture-app.js';
import { electronForHosts, hostEnvironment, hostProject } from '../support/hosts.js';

/** The fixture, but it stays until it is killed. */
const stayingApp = {
  ...fixtureApp,
  'main.mjs': `
import { app } from 'electron';
import { createBackend } from 'electron-pyinstaller/runtime';

const engine = createBackend({ app, name: 'engine' });
app.whenReady().then(async () => {
  await engine.start();
  console.log('READY');
});
setInterval(() => undefined, 1000);
`,
};

// Reads /proc; the workflow runs the lifeline tests of the companion on the other systems.
test.runIf(process.platform === 'linux').each(['onedir', 'onefile'] as const)(
  'kill -9 of the packaged main process leaves no backend process after two seconds (%s)',
  async (mode) => {
    const { engine } = fixtureConfig.backends;
    const { zipDir } = await electronForHosts();
    const project = await hostProject('forge-8', {
      ...stayingApp,
      ...fixtureConfigFile({ backends: { engine: { ...engine, pyinstaller: { mode } } } }),
      'forge.config.mjs': `
import { PyInstallerPlugin } from 'electron-pyinstaller/forge';
export default {
  packagerConfig: { asar: true, electronZipDir: ${JSON.stringify(zipDir)}, executableName: 'fixture-app' },
  plugins: [new PyInstallerPlugin()],
};
`,
    });
    try {
      const packaged = await project.run(['package']);
      expect(packaged.exitCode, packaged.output).toBe(0);

      const marker = `ELECTRON_PYINSTALLER_TEST=${mode}-${process.pid}-${Date.now()}`;
      const app = execa(path.join(project.directory, 'out/fixture-app-linux-x64/fixture-app'), {
        env: { ...hostEnvironment(), ELECTRON_PYINSTALLER_TEST: marker.split('=')[1] ?? '' },
        extendEnv: false,
        all: true,
        reject: false,
        stdin: 'ignore',
      });
      const pid = app.pid ?? 0;
      let output = '';
      app.all.on('data', (chunk: Buffer) => (output += chunk.toString()));
      const deadline = Date.now() + 60_000;
      while (!output.includes('READY') && Date.now() < deadline) await delay(20);
      expect(output).toContain('READY');

      const tree = await processTree(pid);
      // The main process and the backend; a onefile backend is two processes.
      expect(tree.length).toBeGreaterThanOrEqual(mode === 'onefile' ? 3 : 2);
      process.kill(pid, 'SIGKILL');
      const left = await waitForLeftovers(tree, marker, 2000);
      await app;
      expect(left.pids).toEqual([]);
    } finally {
      await project.remove();
    }
  },
);
