import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type Backend, startBackend } from './support/backend.js';
import { defaultInterpreter } from './support/interpreters.js';

const python = defaultInterpreter().executable;

/** Run a program to its end. Its module is in a cycle with its functions, as nearly all are. */
async function ended(program: string): Promise<Backend> {
  const backend = await startBackend({
    python,
    // Without what the site packages of this machine do at the start of Python.
    interpreterArgs: ['-S', '-X', 'utf8', '-u'],
    entry: { type: 'call', module: 'program', attribute: 'main' },
    files: { 'program.py': `import os\nhere = os.path.dirname(__file__)\ndef main(): pass\n${program}` },
    handshake: { kind: 'job' },
  });
  expect(await backend.ended(), backend.stderr).toEqual({ code: 0, signal: null });
  return backend;
}

const made = (backend: Backend, name: string): Promise<Buffer> => readFile(path.join(backend.folder, name));

describe('the end of a program', () => {
  test('does without the search for garbage where nobody would notice it', async () => {
    const { stdout } = await ended(`
import io, sys, weakref, zipfile
archive = os.path.join(here, "archive.zip")
with zipfile.ZipFile(archive, "w") as written: written.writestr("a", "b")
read, buffer = zipfile.ZipFile(archive), io.StringIO("text")
class Thing: pass
thing = Thing()
thing.itself = thing
sys.collected = weakref.ref(thing, print)
`);
    expect(stdout).toBe('');
  });

  test('writes what is in the buffers of files that were never closed', async () => {
    const backend = await ended(`
text = open(os.path.join(here, "text"), "w")
text.write("the last line")
raw = open(os.path.join(here, "raw"), "wb")
raw.write(b"the last bytes")
`);
    expect((await made(backend, 'text')).toString()).toBe('the last line');
    expect((await made(backend, 'raw')).toString()).toBe('the last bytes');
  });

  test('completes an archive that was never closed', async () => {
    const backend = await ended(`
import gzip
packed = gzip.open(os.path.join(here, "packed"), "wb")
packed.write(b"the last bytes")
`);
    expect(gunzipSync(await made(backend, 'packed')).toString()).toBe('the last bytes');
  });

  test('completes a zip file that was never closed', async () => {
    const backend = await ended(`
import zipfile
packed = zipfile.ZipFile(os.path.join(here, "packed"), "w")
packed.writestr("name", "the last bytes")
`);
    expect((await made(backend, 'packed')).subarray(-22, -18).toString('latin1')).toBe('PK\u0005\u0006');
  });

  test('calls `__del__` of what the program left, also in a cycle', async () => {
    const { stdout } = await ended(`
class Thing:
    def __init__(self, name): self.name = name
    def __del__(self, write=os.write): write(1, self.name)
thing, other = Thing(b"a\\n"), Thing(b"b\\n")
other.itself = other
`);
    expect(stdout.split('\n').toSorted()).toEqual(['', 'a', 'b']);
  });

  test('leaves a context that was entered and never left', async () => {
    const { stdout } = await ended(`
import contextlib
@contextlib.contextmanager
def held(write=os.write):
    try: yield
    finally: write(1, b"left\\n")
def never(): yield os.write(1, b"begun\\n")
context, unused = held(), never()
context.__enter__()
`);
    expect(stdout).toBe('left\n');
  });

  test('waits for threads and runs exit handlers first, and writes what they wrote', async () => {
    const backend = await ended(`
import atexit, threading, time
file = open(os.path.join(here, "file"), "w")
def work():
    time.sleep(0.05)
    file.write("thread ")
threading.Thread(target=work).start()
atexit.register(file.write, "handler")
`);
    expect((await made(backend, 'file')).toString()).toBe('thread handler');
  });

  test('looks at what the program froze as well', async () => {
    const backend = await ended(`
import gc, gzip
packed = gzip.open(os.path.join(here, "packed"), "wb")
packed.write(b"the last bytes")
gc.freeze()
`);
    expect(gunzipSync(await made(backend, 'packed')).toString()).toBe('the last bytes');
  });
});
