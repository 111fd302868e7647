/** How a frozen program is used: what it is asked, and what must come back. */
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';

/** What the frozen program is asked for. */
export type Use =
  | {
      readonly type: 'job';
      readonly runs: readonly { readonly args: readonly string[]; readonly prints: string }[];
    }
  | { readonly type: 'http'; readonly path: string; readonly contains: string }
  /** An event over Socket.IO's long polling. */
  | { readonly type: 'socketio'; readonly event: string; readonly text: string; readonly answer: string }
  /** A page of streamlit over its WebSocket: what it shows, what is typed into its first text field, what it shows then. */
  | {
      readonly type: 'streamlit';
      readonly shows: string;
      readonly typed: string;
      readonly shownThen: string;
    };

/** What the client of a server needs of it. */
export interface Asked {
  readonly url: string;
  fetch(path: string, init?: RequestInit): Promise<{ readonly status: number; text(): Promise<string> }>;
}

/** Folders of a run. */
export interface Folders {
  readonly backend: string;
  readonly work: string;
}

const patienceMs = 60_000;

function mustHold(what: string, seen: string, wanted: string): void {
  if (!seen.includes(wanted))
    throw new Error(`${what}: ${JSON.stringify(wanted)} is not in\n${seen.slice(-3000)}`);
}

/** Run a job once for each of its runs, with nothing of this machine's PATH. */
export async function useJob(
  executable: string,
  runs: Extract<Use, { type: 'job' }>['runs'],
  folders: Folders,
): Promise<void> {
  await mkdir(folders.work, { recursive: true });
  for (const run of runs) {
    const args = run.args.map((text) =>
      text.replaceAll('{backend}', folders.backend).replaceAll('{work}', folders.work),
    );
    const seen = await new Promise<string>((resolve, reject) => {
      const options = {
        cwd: folders.work,
        timeout: patienceMs,
        maxBuffer: 32_000_000,
        env: { PATH: '/nowhere', HOME: folders.work, LANG: 'C.UTF-8' },
      };
      execFile(executable, args, options, (error, out, err) => {
        if (error === null) resolve(out + err);
        else reject(new Error(`ended with ${error.code ?? error.signal}:\n${(out + err).slice(-3000)}`));
      });
    });
    mustHold(path.basename(executable), seen, run.prints);
  }
}

/** Ask a running server. */
export async function useServer(server: Asked, use: Exclude<Use, { type: 'job' }>): Promise<void> {
  switch (use.type) {
    case 'http': {
      mustHold(use.path, await answer(server, use.path), use.contains);
      return;
    }
    case 'socketio': {
      await shout(server, use);
      return;
    }
    case 'streamlit': {
      const { typeInto } = await import('./streamlit-client.ts');
      await typeInto(server.url, use);
      return;
    }
  }
}

async function answer(server: Asked, where: string, init: RequestInit = {}): Promise<string> {
  const response = await server.fetch(where, init);
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${where} answered ${response.status}: ${text.slice(-2000)}`);
  return text;
}

/** Engine.IO by long polling: `0` opens, `40` connects, `42` is an event. */
async function shout(server: Asked, use: Extract<Use, { type: 'socketio' }>): Promise<void> {
  const place = '/socket.io/?EIO=4&transport=polling';
  const { sid } = JSON.parse((await answer(server, place)).slice(1)) as { sid: string };
  const session = `${place}&sid=${sid}`;
  await answer(server, session, { method: 'POST', body: '40' });
  mustHold('connecting', await answer(server, session), '40{');
  await answer(server, session, { method: 'POST', body: `42${JSON.stringify([use.event, use.text])}` });
  mustHold('the event', await answer(server, session), `42${use.answer}`);
}
