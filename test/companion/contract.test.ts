import { expect, test } from 'vitest';
import { parseProtocolLine, type ProtocolMessage } from '../../src/runtime/talk/protocol-lines.js';
import { type Message, startBackend } from './support/backend.js';
import { defaultInterpreter } from './support/interpreters.js';

const python = defaultInterpreter().executable;
const entry = { type: 'call', module: 'program', attribute: 'main' };

async function messagesOf(
  program: string,
  handshake: Record<string, unknown> = {},
): Promise<readonly Message[]> {
  const backend = await startBackend({ python, entry, files: { 'program.py': program }, handshake });
  await backend.until(
    () => backend.messages.some(({ type }) => type === 'result' || type === 'fatal' || type === 'message'),
    'its end',
  );
  backend.endLifeline();
  await backend.ended();
  return backend.messages;
}

test('what the companion says in each message is what the runtime reads, no more and no less', async () => {
  const sent = [
    ...(await messagesOf(`
import electron_pyinstaller as e, time
def main():
    e.status("one", 1); e.extend(2); e.ready(1234); e.progress(3, "two"); e.result({"x": 1})
    time.sleep(60)
`)),
    ...(await messagesOf('import not_there\ndef main(): pass\n')),
    ...(await messagesOf(
      'import electron_pyinstaller as e\ndef main():\n    e.emit("x")\n    e.serve_requests()\n',
      {
        kind: 'stdio',
        address: { type: 'none' },
      },
    )),
  ];
  const every: Readonly<Record<ProtocolMessage['type'], true>> = {
    hello: true,
    status: true,
    extend: true,
    ready: true,
    stopping: true,
    fatal: true,
    progress: true,
    result: true,
    message: true,
  };
  expect([...new Set(sent.map(({ type }) => type))].toSorted()).toEqual(Object.keys(every).toSorted());
  for (const message of sent) {
    const parsed = parseProtocolLine(JSON.stringify(message));
    if (parsed.type !== 'message') throw new Error(`${JSON.stringify(message)} is ${parsed.type}`);
    // On the wire the version is called `v`.
    const written = Object.keys(message).map((key) => (key === 'v' ? 'version' : key));
    // `ping` is written where it is true.
    const read = Object.keys(parsed.message).filter((key) => key !== 'ping' || written.includes(key));
    expect(written.toSorted()).toEqual(read.toSorted());
  }
});
