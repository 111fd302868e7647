import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { expect, test } from 'vitest';
import { fixtureBackend, testBackend } from '../runtime/support.js';
import { temporaryFolder, writeFiles } from '../support/files.js';
import { TokenWatch } from './ledger.js';
import { formsOf, searchPlainly, TokenSearch } from './token-search.js';
import { onlyOnLinux } from '../support/windows.js';

const token = randomBytes(32).toString('base64url');
const secret = Buffer.from(token, 'base64url');

test.each([
  ['as it is', `Bearer ${token}\n`, 'as it is'],
  ['with its end cut off', token.slice(0, 30), 'its beginning'],
  ['with its beginning cut off', token.slice(20), 'its end'],
  ['as a program keeps it', secret, 'its bytes'],
  ['as a debugger shows it', secret.toString('hex'), 'hexadecimal bytes'],
  ['in ordinary base64', secret.toString('base64'), 'base64'],
  [
    'as the password of basic authentication',
    Buffer.from(`${token}:x`).toString('base64'),
    'base64 of the text',
  ],
  [
    'in a URL',
    Array.from(token, (letter) => `%${letter.charCodeAt(0).toString(16)}`).join(''),
    'percent-encoded',
  ],
  ['as Windows writes it', Buffer.from(token, 'utf16le'), 'UTF-16'],
])('the search finds a token %s', async (_, planted, form) => {
  const folder = await writeFiles({
    'a/log.txt': Buffer.concat([Buffer.from('before '), Buffer.from(planted)]),
  });
  const search = new TokenSearch([token]);
  await search.folder(folder);
  expect(search.hits.map((hit) => hit.form)).toContain(form);
  expect(search.searched.files).toBe(1);
});

test('the search finds a token in a file name, behind a hidden property and in the cause of an error', async () => {
  const folder = await writeFiles({ [`${token}.txt`]: '' });
  const search = new TokenSearch([token]);
  await search.folder(folder);
  search.value(
    'hidden',
    Object.defineProperty({}, 'x', { value: { deep: [[[[[token]]]]] }, enumerable: false }),
  );
  search.value('cause', new Error('outside', { cause: new Error(token) }));
  expect(new Set(search.hits.map(({ where }) => where.replace(/^the name .*/, 'name')))).toEqual(
    new Set(['name', 'hidden', 'cause']),
  );
});

test('the search finds nothing in what is no token', () => {
  const search = new TokenSearch([token]);
  search.value('other', { token: randomBytes(32).toString('base64url'), part: token.slice(0, 11) });
  expect([search.hits, formsOf(token).length]).toEqual([[], 11]);
});

test('the search after all tests finds a token, or half of one, in a file and in its name', async () => {
  const folder = await writeFiles({
    'whole.txt': `x=${token};`,
    'half.txt': `abc${token.slice(0, 20)}`,
    [`${token}.txt`]: '',
    'other.txt': randomBytes(32).toString('base64url'),
  });
  const { hits, files } = await searchPlainly([token], [folder]);
  expect(hits.map((file) => path.basename(file)).toSorted()).toEqual(
    ['half.txt', 'whole.txt', `${token}.txt`].toSorted(),
  );
  expect(files).toBe(4);
});

test(
  'a backend whose environment holds its token fails its test',
  onlyOnLinux('Windows shows the environment of no process'),
  async () => {
    const backend = await testBackend(fixtureBackend({ ASKED_FOR: '{token}' }), { tokenIsShown: true });
    const watch = new TokenWatch(backend);
    await backend.start();
    await expect(watch.end(await temporaryFolder())).rejects.toThrow(/environ of process/);
  },
);
