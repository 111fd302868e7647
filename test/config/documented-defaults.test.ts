import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { readInterfaces } from '../../scripts/config-manual.js';
import { writeFiles } from '../support/files.js';
import { repositoryDir } from '../support/paths.js';
import { resolvedEngine } from './support.js';

const schemaDir = path.join(repositoryDir, 'src/config/schema');
const interfaces = readdirSync(schemaDir)
  .sort()
  .flatMap((name) => readInterfaces(readFileSync(path.join(schemaDir, name), 'utf8')));

/** Where an interface stands in a backend, and what must be written beside its keys for them to be allowed. */
const places: Readonly<Record<string, { readonly at: readonly string[]; readonly beside?: object }>> = {
  BackendOverrides: { at: [] },
  BackendConfig: { at: [] },
  ClientConfig: { at: ['client'], beside: { output: 'api.gen.ts' } },
  PythonConfig: { at: ['python'] },
  CollectConfig: { at: ['collect'] },
  PyInstallerConfig: { at: ['pyinstaller'] },
  RunConfig: { at: ['run'] },
  DevelopmentConfig: { at: ['run', 'dev'] },
  PortAddress: { at: ['address'], beside: { port: [8000, 8010] } },
  ReadyConfig: { at: ['ready'], beside: { http: '/h' } },
  HealthConfig: { at: ['health'], beside: { http: '/h' } },
  RestartConfig: { at: ['restart'], beside: {} },
  StopConfig: { at: ['stop'] },
  LogsConfig: { at: ['logs'] },
  AuthConfig: { at: ['auth'] },
  VerifyConfig: { at: ['verify'] },
  LicensesConfig: { at: ['licenses'] },
};

/** Keys that the backend of this test may not have, whatever their value. */
const elsewhere = new Set([
  'BackendOverrides.stdio',
  'BackendOverrides.address',
  'PyInstallerConfig.upxExclude',
]);

const documented = interfaces.flatMap(({ name, keys }) =>
  keys.flatMap(({ name: key, defaultValue }) =>
    defaultValue === null || places[name] === undefined || elsewhere.has(`${name}.${key}`)
      ? []
      : [[name, key, defaultValue.replaceAll('`', '')] as const],
  ),
);

function nested(at: readonly string[], value: unknown): unknown {
  return at.reduceRight((inside, key) => ({ [key]: inside }), value);
}

describe('writing what the manual calls the default changes nothing', () => {
  test.each(documented)('%s.%s: %s', async (name, key, text) => {
    const projectDir = await writeFiles({ 'package.json': '{}', 'backend/main.py': '' });
    const { at = [], beside = {} } = places[name] ?? {};
    const common = { entry: { asgi: 'main:app' }, source: 'backend', ready: { http: '/h' } };
    const value: unknown = runInNewContext(`(${text})`);
    const left = { ...common, ...(nested(at, beside) as object) };
    const written = { ...common, ...(nested(at, { ...beside, [key]: value }) as object) };
    expect(await resolvedEngine(projectDir, JSON.parse(JSON.stringify(written)))).toEqual(
      await resolvedEngine(projectDir, left),
    );
  });

  test('nearly every default of the manual is among them', () => {
    expect(documented.length).toBeGreaterThan(68);
  });
});
