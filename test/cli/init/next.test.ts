import { expect, test } from 'vitest';
import { writeFiles } from '../../support/files.js';
import { runCli } from '../support.js';

test.each([
  ['npm', 'package-lock.json', 'npm run make'],
  ['pnpm', 'pnpm-lock.yaml', 'pnpm run make'],
  ['Yarn', 'yarn.lock', 'yarn run make'],
  ['bun', 'bun.lock', 'bun run make'],
])('what to do next is said in the words of %s', async (_, lockFile, command) => {
  const project = await writeFiles({
    'package.json': JSON.stringify({
      scripts: { make: 'electron-forge make' },
      devDependencies: { '@electron-forge/cli': '8.0.1' },
    }),
    'forge.config.js': 'module.exports = { plugins: [] };\n',
    [lockFile]: '',
    'backend/main.py': 'from fastapi import FastAPI\napp = FastAPI()\n',
    'backend/requirements.txt': 'fastapi\nuvicorn\n',
  });
  const { out } = await runCli(['init', '--yes'], project);
  expect(out).toContain(`  ${command}  `);
});
