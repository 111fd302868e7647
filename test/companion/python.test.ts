import path from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { companionDir } from './support/backend.js';
import { announceInterpreters, findInterpreters } from './support/interpreters.js';

const interpreters = findInterpreters();
announceInterpreters(interpreters);

test.each(interpreters.map((each) => [each.version, each.executable]))(
  'the parts of the companion pass their own tests on Python %s',
  async (_, executable) => {
    const result = await execa(
      executable,
      ['-X', 'utf8', '-W', 'error', '-m', 'unittest', 'discover', '-v'],
      {
        cwd: path.join(import.meta.dirname, 'python'),
        env: { PYTHONPATH: companionDir },
        all: true,
        reject: false,
        timeout: 60_000,
      },
    );
    expect(result.exitCode, result.all).toBe(0);
    expect(Number(/^Ran (\d+) tests/mu.exec(result.all)?.[1])).toBeGreaterThan(30);
  },
  90_000,
);
