import { expect, test } from 'vitest';
import { writeFiles } from '../support/files.js';
import { freeze, makeBackend } from '../freeze/support/project.js';

/** Guards every path, and needs a file of its own and one of the app's to start. */
const server = `
import argparse, http.server, pathlib
parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int)
parser.add_argument("--data", type=pathlib.Path)
parser.add_argument("--tool", type=pathlib.Path)
options = parser.parse_args()
assert options.data.read_text() == "data", options
assert options.tool.read_text() == "tool", options

class Guarded(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(401)
        self.send_header("Content-Length", "0")
        self.end_headers()

http.server.HTTPServer(("127.0.0.1", options.port), Guarded).serve_forever()
`;

const base = {
  entry: 'backend/server.py',
  source: 'backend',
  address: { port: [18_400, 18_499] },
  auth: { token: false },
  data: ['backend/words/a.txt'],
  run: { args: ['--port', '{port}', '--data', '{bundle}/words/a.txt', '--tool', '{resources}/bin/tool.txt'] },
  ready: { http: '/api', status: [200, 401] },
  verify: { resources: [{ from: 'build/tool.txt', to: 'bin/tool.txt' }] },
};

test('a program finds its data and files of the app by its arguments, and a guarded server is ready', async () => {
  const { projectDir } = await makeBackend(
    { 'backend/server.py': server, 'backend/words/a.txt': 'data', 'build/tool.txt': 'tool' },
    base,
  );
  for (const contentsDirectory of ['_internal', '.']) {
    const backend = await makeBackend({}, { ...base, pyinstaller: { contentsDirectory } }, projectDir);
    const { frozen } = await freeze(backend);
    const { program } = frozen.manifest;
    expect(program).toMatchObject({ type: 'frozen' });
    expect('contents' in program ? program.contents : '.').toBe(contentsDirectory);
  }
  const { frozen } = await freeze(
    await makeBackend({}, { ...base, pyinstaller: { mode: 'onefile' } }, projectDir),
  );
  expect(frozen.manifest.program).toMatchObject({ mode: 'onefile' });

  // What is wanted is said when it is not there.
  const { status: _status, ...ready } = base.ready;
  const unguarded = await makeBackend({}, { ...base, ready: { ...ready, timeoutMs: 3000 } }, projectDir);
  await expect(freeze(unguarded)).rejects.toMatchObject({
    code: 'ERR_VERIFY',
    message: expect.stringContaining('answered 401') as string,
  });
  await writeFiles({ 'build/other.txt': '' }, projectDir);
  const without = await makeBackend({}, { ...base, verify: { resources: ['build/gone.txt'] } }, projectDir);
  await expect(freeze(without)).rejects.toMatchObject({
    code: 'ERR_VERIFY',
    message: expect.stringContaining('gone.txt does not exist') as string,
  });
});

test.each(['onedir', 'onefile'] as const)(
  'the trial of a job (%s) finds its data by its arguments',
  async (mode) => {
    const backend = await makeBackend(
      {
        'backend/job.py':
          'import os, sys\nassert open(sys.argv[1]).read() == open(os.environ["WORDS"] + "/a.txt").read() == "data"\n',
        'backend/words/a.txt': 'data',
      },
      {
        kind: 'job',
        entry: 'backend/job.py',
        data: ['backend/words/a.txt'],
        pyinstaller: { mode },
        run: { env: { WORDS: '{bundle}/words' } },
        verify: { args: ['{bundle}/words/a.txt'] },
      },
    );
    await expect(freeze(backend)).resolves.toBeDefined();
  },
);
