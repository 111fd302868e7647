/** What a browser does with a page of Streamlit: it opens the WebSocket, runs the page, and runs it again with what was typed. */
import { setTimeout as wait } from 'node:timers/promises';

/** What the page shows, what is typed into its first widget, and what it shows then. */
export interface Typing {
  readonly shows: string;
  readonly typed: string;
  readonly shownThen: string;
}

const patienceMs = 30_000;

/** @throws Error with what came when the page does not show it in time. */
export async function typeInto(url: string, { shows, typed, shownThen }: Typing): Promise<void> {
  const socket = new WebSocket(new URL('/_stcore/stream', url.replace(/^http/, 'ws')), ['streamlit']);
  socket.binaryType = 'arraybuffer';
  let seen = '';
  let failure: string | undefined;
  socket.addEventListener('message', ({ data }) => {
    // Texts in a message of Protocol Buffers stand in it as they are.
    seen += Buffer.from(data as ArrayBuffer).toString('utf8');
  });
  for (const event of ['close', 'error'] as const)
    socket.addEventListener(event, () => {
      failure ??= `the WebSocket ended (${event})`;
    });
  const until = async (wanted: string | RegExp): Promise<string> => {
    const endMs = Date.now() + patienceMs;
    for (;;) {
      const found = typeof wanted === 'string' ? seen.includes(wanted) && wanted : wanted.exec(seen)?.[0];
      if (typeof found === 'string') return found;
      if (failure !== undefined || Date.now() > endMs)
        throw new Error(
          `${failure ?? 'in vain waited for'} ${String(wanted)}; what came:\n${seen.slice(-3000)}`,
        );
      await wait(20);
    }
  };
  try {
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve);
      socket.addEventListener('error', () => reject(new Error(`no WebSocket at ${url}`)));
    });
    socket.send(rerun());
    await until(shows);
    const widget = await until(/\$\$ID-[\da-f]+-\w+/);
    socket.send(rerun({ widget, text: typed }));
    await until(shownThen);
  } finally {
    socket.close();
  }
}

/** `BackMsg { rerun_script: ClientState { widget_states: WidgetStates { widgets: [WidgetState { id, string_value }] } } }` */
function rerun(state?: { readonly widget: string; readonly text: string }): Uint8Array<ArrayBuffer> {
  const widgets =
    state === undefined ? '' : field(2, field(1, field(1, state.widget) + field(6, state.text)));
  return new Uint8Array(Buffer.from(field(11, field(1, '') + widgets), 'latin1'));
}

/** A field of Protocol Buffers that has a length; texts are ASCII. */
function field(number: number, content: string): string {
  let length = '';
  let rest = content.length;
  for (; rest > 127; rest >>= 7) length += String.fromCodePoint((rest & 127) | 128);
  return String.fromCodePoint((number << 3) | 2) + length + String.fromCodePoint(rest) + content;
}
