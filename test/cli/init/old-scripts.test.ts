import { describe, expect, test } from 'vitest';
import { startingScripts, withoutFreezingScript } from '../../../src/cli/init/old-scripts.js';

const command = 'cd backend && pyinstaller server.spec --noconfirm';

function without(scripts: Readonly<Record<string, string>>, freezes = command) {
  const all = { 'build:backend': freezes, ...scripts };
  const result = withoutFreezingScript(`${JSON.stringify({ name: 'app', scripts: all }, null, '\t')}\n`, {
    file: 'package.json',
    name: 'build:backend',
    command: freezes,
    usedBy: [],
  });
  return result === null ? null : { ...result, text: JSON.parse(result.text) as unknown };
}

describe('a script that freezes', () => {
  test('goes with every call of it', () => {
    expect(
      without({
        start: 'electron .',
        predist: 'npm run build:backend',
        dist: 'npm run build:backend && tsc && electron-builder',
        pack: 'tsc && yarn build:backend',
      }),
    ).toEqual({
      text: { name: 'app', scripts: { start: 'electron .', dist: 'tsc && electron-builder', pack: 'tsc' } },
      changed: ['predist', 'dist', 'pack'],
    });
  });

  test('keeps how the file is indented', () => {
    const text = JSON.stringify({ scripts: { freeze: 'pyinstaller main.py', start: 'x' } }, null, '\t');
    const done = withoutFreezingScript(text, {
      file: 'package.json',
      name: 'freeze',
      command: 'pyinstaller main.py',
      usedBy: [],
    });
    expect(done?.text).toBe('{\n\t"scripts": {\n\t\t"start": "x"\n\t}\n}\n');
  });

  test.each([
    String.raw`pyinstaller --add-data "backend\config;config" backend\main.py`,
    String.raw`pyinstaller --add-data backend\config;config backend\main.py`,
    String.raw`cd /d backend & venv\Scripts\activate.bat & rmdir /s /q dist & py -m PyInstaller main.py`,
    'cd backend; . .venv/bin/activate; pyinstaller main.py',
  ])('goes whatever shell it is for: %s', (freezes) => {
    expect(without({}, freezes)?.text).toEqual({ name: 'app', scripts: {} });
  });

  test.each([
    ['it does more', {}, `${command} && node copy.js`],
    ['another calls it in a way of its own', { dist: 'run-s build:backend build:app' }, command],
    ['another calls it in parallel', { dist: 'npm run build:backend & tsc' }, command],
  ])('stays where %s', (_why, scripts, freezes) => {
    expect(without(scripts, freezes)).toBeNull();
  });

  test('is not taken for another whose name begins so', () => {
    expect(without({ dist: 'npm run build:backend:win' })?.changed).toEqual([]);
  });
});

test('scripts that start the app and its backend side by side are found, those that start one are not', () => {
  const scripts = {
    py: 'cd backend && python server.py',
    start: 'concurrently "npm:py" "wait-on tcp:5005 && electron ."',
    both: 'uvicorn main:app & electron .',
    dev: 'electron .',
    'py:test': 'python -m pytest',
    check: 'concurrently "npm:py:test" "tsc"',
  };
  const text = JSON.stringify({ scripts }, null, 2);
  const found = startingScripts(text);
  expect(found.map(({ line, text: shown }) => [line, shown.slice(0, 8)])).toEqual([
    [4, '"start":'],
    [5, '"both": '],
  ]);
});
