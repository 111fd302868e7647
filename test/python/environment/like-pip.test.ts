import { describe, expect, test } from 'vitest';
import { type PipFacts, uvLikePip } from '../../../src/python/environment/like-pip.js';

const nothing: PipFacts = {
  settings: new Map(),
  isUvSetUp: false,
  options: [],
  python: { indexUrl: null, extraIndexUrls: [], findLinks: [] },
  isProject: false,
  exists: () => true,
};
const option = (written: string) => ({ place: 'r.txt:3', option: written });
const settings = (all: Readonly<Record<string, string>>) => new Map(Object.entries(all));

describe('uv stands in for pip', () => {
  test('with the certificates of the system and the best version of all indexes', () => {
    expect(uvLikePip(nothing)).toEqual({
      kind: 'uv',
      env: { UV_NATIVE_TLS: '1', UV_INDEX_STRATEGY: 'unsafe-best-match' },
    });
  });

  test("with pip's settings under its own names, but for folders that are not there", () => {
    const facts = {
      ...nothing,
      exists: (file: string) => file === '/there',
      settings: settings({
        'index-url': 'https://a/simple',
        'extra-index-url': 'https://b/simple\nhttps://c/simple',
        'find-links': '/there /gone https://d/wheels',
        'trusted-host': 'a b',
        cert: '/my cert.pem',
        proxy: 'http://p:1',
        timeout: '5',
      }),
    };
    expect(uvLikePip(facts)).toMatchObject({
      env: {
        UV_INDEX_URL: 'https://a/simple',
        UV_EXTRA_INDEX_URL: 'https://b/simple https://c/simple',
        UV_FIND_LINKS: '/there,https://d/wheels',
        UV_INSECURE_HOST: 'a b',
        SSL_CERT_FILE: '/my cert.pem',
        ALL_PROXY: 'http://p:1',
      },
    });
  });

  test('by its own settings where it has some, and by the tables for it of a pyproject.toml', () => {
    const own = { ...nothing, isUvSetUp: true, settings: settings({ 'index-url': 'https://a', pre: '1' }) };
    expect(uvLikePip(own)).toEqual({ kind: 'uv', env: { UV_NATIVE_TLS: '1' } });
    expect(uvLikePip({ ...nothing, isProject: true })).toEqual({ kind: 'uv', env: { UV_NATIVE_TLS: '1' } });
  });
});

test.each<[string, Partial<PipFacts>, string]>([
  ['an option it skips', { options: [option('--pre')] }, 'uv does not read --pre in r.txt:3'],
  [
    'an option it skips, whatever it is told itself',
    { options: [option('--prefer-binary')], isUvSetUp: true },
    'uv does not read --prefer-binary in r.txt:3',
  ],
  [
    'a setting it does not know',
    { settings: settings({ 'no-binary': ':all:' }) },
    "uv does not know pip's setting no-binary",
  ],
  [
    'an index in a file and one in the settings',
    { options: [option('-i')], settings: settings({ 'index-url': 'https://a' }) },
    'pip takes the index of r.txt:3, uv that of the settings',
  ],
  [
    'wheels named in two places',
    {
      settings: settings({ 'find-links': '/a' }),
      python: { indexUrl: null, extraIndexUrls: [], findLinks: ['/b'] },
    },
    'pip joins its own settings with those of the configuration, uv does not',
  ],
])('pip does what uv would do otherwise without a word: %s', (_what, changed, reason) => {
  expect(uvLikePip({ ...nothing, ...changed })).toEqual({ kind: 'pip', reason });
});
