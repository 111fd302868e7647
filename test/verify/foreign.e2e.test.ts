import { beforeAll, describe, expect, it } from 'vitest';
import type { FrozenBackend } from '../../src/bundle/frozen.js';
import { verifyBundle } from '../../src/verify/index.js';
import { frozenBackend, verifyInput } from './frozen.js';

/** A program with a hand-written spec, which holds nothing of this package. */
const files = {
  'backend/server.py': `
import http.server, os, sys

class Page(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        body = open(os.path.join(sys._MEIPASS, "words", "hello.txt"), "rb").read()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Page).serve_forever()
`,
  'backend/hello.txt': 'grüß Gott',
  'backend/server.spec': `
a = Analysis(["server.py"], datas=[("hello.txt", "words")])
pyz = PYZ(a.pure)
exe = EXE(pyz, a.scripts, exclude_binaries=True, name="engine", console=True)
coll = COLLECT(exe, a.binaries, a.datas, name="engine")
`,
};

describe('verifyBundle with a program that holds no companion', () => {
  let frozen: FrozenBackend;
  beforeAll(async () => {
    frozen = await frozenBackend(files, {
      pyinstaller: { spec: 'backend/server.spec' },
      address: { port: [18200, 18400] },
      run: { args: ['{port}'] },
      ready: { http: '/' },
    });
  });

  it('probes it, looks for its files on disk, and says what could not be checked', async () => {
    const input = verifyInput(frozen, {
      files: ['words/hello.txt'],
      imports: ['json'],
      http: [{ path: '/', status: 200, contains: 'grüß' }],
    });
    expect(await verifyBundle(input)).toMatchObject({
      ran: true,
      warnings: [expect.stringContaining('`verify.imports` was not checked')],
    });
  });

  it('names files that are missing', async () => {
    await expect(verifyBundle(verifyInput(frozen, { files: ['words/bye.txt'] }))).rejects.toMatchObject({
      code: 'ERR_VERIFY',
      message: expect.stringContaining('the file words/bye.txt is not in the bundle'),
    });
  });

  it('takes a job that is still working for one that started', async () => {
    const input = verifyInput(frozen, {}, { address: { type: 'none' }, args: ['0'] });
    const job = { ...input, manifest: { ...input.manifest, kind: 'job' as const } };
    expect(await verifyBundle(job)).toMatchObject({ ran: true, stopMs: null });
  });
});
