import { createHash, randomBytes } from 'node:crypto';
import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { Conversation } from '../../src/runtime/talk/conversation.js';
import { companionBackend } from './companion-support.js';
import { failure } from './failure.js';
import { isWindows } from '../support/windows.js';
import { isRunning, testBackend, until, waitMs } from './support.js';

test('asks and answers over the pipes, with errors, events and large messages', async () => {
  const backend = await testBackend(await companionBackend('stdio', 'conversation'));
  await backend.start();
  expect(backend.status()).toMatchObject({ kind: 'stdio', state: 'ready', url: null });
  expect(await backend.request('add', { a: 40, b: 2 })).toBe(42);
  expect(await backend.request('add', [1, 2])).toBe(3);
  const error = await failure(backend.request('fail'));
  expect(error).toMatchObject({ code: 'E_REMOTE', detail: { code: 'not-found', message: 'no such model' } });
  expect((await failure(backend.request('nothing'))).detail).toMatchObject({ code: 'method-not-found' });
  const shouted = new Promise((resolve) => backend.on('message', resolve));
  const printed = new Promise((resolve) =>
    backend.on('log', ({ line }) => {
      if (line.includes('rest')) resolve(line);
    }),
  );
  expect(await backend.request('shout', ['héy'])).toBe(null);
  expect(await shouted).toMatchObject({ event: 'shouted', data: { text: 'HÉY' } });
  expect(await printed).toBe(' and the rest');
  expect(((await backend.request('large', [5_000_000])) as string).length).toBe(5_000_000);
  expect(await backend.request('size', ['y'.repeat(3_000_000)])).toBe(3_000_000);
});

test('long answers arrive whole while another thread prints, and too long ones are refused', async () => {
  const backend = await testBackend(await companionBackend('stdio', 'conversation'));
  await backend.start();
  await backend.request('noise', [3]);
  for (let count = 0; count < 8; count++)
    expect(((await backend.request('large', [700_000], { timeoutMs: 10_000 })) as string).length).toBe(
      700_000,
    );
  const error = await failure(backend.request('large', [68_000_000], { timeoutMs: 20_000 }));
  expect(error).toMatchObject({ code: 'E_REMOTE', detail: { code: 'internal' } });
  expect(error.message).toContain('are more than the 67108864 of a message');
});

test('a request can be cancelled, times out, and fails when the backend ends', async () => {
  const backend = await testBackend(await companionBackend('stdio', 'conversation'));
  await backend.start();
  const { pid } = backend.status();
  await expect(backend.request('slow', [5], { signal: AbortSignal.timeout(50) })).rejects.toThrow(/timeout/i);
  expect((await failure(backend.request('slow', [5], { timeoutMs: 50 }))).code).toBe('E_TIMEOUT');
  // Others are not affected.
  expect(await backend.request('add', [1, 1])).toBe(2);
  const pending = failure(backend.request('slow', [5]));
  backend.request('exit').catch(() => undefined);
  expect((await pending).code).toBe('E_CRASH');
  // The next one waits for the restart.
  expect(await backend.request('add', [2, 2])).toBe(4);
  await backend.stop();
  expect(isRunning(pid ?? 0)).toBe(false);
  expect((await failure(backend.request('add', [1, 1]))).code).toBe('E_STOPPED');
});

test('waits while the pipe is full, and in order', async () => {
  const written: string[] = [];
  const pipe = new Writable({
    highWaterMark: 10,
    write(chunk: Buffer, _encoding, done) {
      written.push(chunk.toString());
      setTimeout(done, 5);
    },
  });
  const ended = new AbortController();
  const conversation = new Conversation({
    name: 'engine',
    generation: 1,
    stdin: pipe,
    signal: ended.signal,
    onEvent: () => undefined,
  });
  const cancel = new AbortController();
  const requests = [0, 1, 2, 3, 4].map((index) =>
    conversation.request('count', [index], index === 3 ? { signal: cancel.signal } : {}),
  );
  const settled = Promise.allSettled(requests);
  // Still waiting in line: it is never written.
  cancel.abort();
  await until(() => written.length >= 4 && pipe.writableLength === 0);
  expect(written.map((line) => (JSON.parse(line) as { params: number[] }).params[0])).toEqual([0, 1, 2, 4]);
  ended.abort();
  expect((await settled).map(({ status }) => status)).toEqual(Array.from({ length: 5 }, () => 'rejected'));
});

test('gives the pipes of a raw backend, byte for byte', async () => {
  const backend = await testBackend(await companionBackend('stdio', 'raw', { stdio: 'raw' }));
  await backend.start();
  const { stdin, stdout } = await backend.pipes();
  const sent = randomBytes(3_000_000);
  const received: Buffer[] = [];
  let length = 0;
  const complete = new Promise<void>((resolve) => {
    stdout.on('data', (chunk: Buffer) => {
      received.push(chunk);
      length += chunk.length;
      if (length >= sent.length) resolve();
    });
  });
  stdin.write(sent);
  await complete;
  const expected = createHash('sha256')
    .update(sent.map((byte) => 255 - byte))
    .digest('hex');
  expect(createHash('sha256').update(Buffer.concat(received)).digest('hex')).toBe(expected);
  expect((await failure(backend.request('x'))).code).toBe('E_KIND');
  await backend.stop();
});

test('who reads raw output slowly gets all of it, also after the end of the program', async () => {
  const backend = await testBackend(await companionBackend('stdio', 'raw', { stdio: 'raw' }));
  await backend.start();
  const { stdin, stdout } = await backend.pipes();
  const ended = new Promise((resolve) => backend.on('exit', resolve));
  // As much as pipes of the system hold while nobody reads.
  const size = isWindows ? 50_000 : 200_000;
  stdin.end(Buffer.alloc(size));
  await ended;
  let length = 0;
  for await (const chunk of stdout) {
    length += (chunk as Buffer).length;
    await waitMs(50);
  }
  expect(length).toBe(size);
});

test('fetch is not for stdio backends', async () => {
  const backend = await testBackend(await companionBackend('stdio', 'conversation'));
  await backend.start();
  expect((await failure(backend.fetch('/'))).code).toBe('E_KIND');
  expect((await failure(backend.pipes())).code).toBe('E_KIND');
});
