import type { Socket } from 'node:net';

/** Bytes of an answer that are read; an endless one (a stream) is an answer too. */
const maxAnswerBytes = 64 * 1024;

/** What {@link parseAnswer} found. `complete`: nothing more needs to come. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
  readonly complete: boolean;
}

/** Read as much of an HTTP answer as there is. Null: not even the headers, or less than the length that they tell. Pure. */
export function parseAnswer(text: string): HttpAnswer | null {
  const end = text.indexOf('\r\n\r\n');
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1];
  if (end < 0 || status === undefined) return null;
  const body = text.slice(end + 4);
  const length = /\r\ncontent-length: *(\d+)/i.exec(text.slice(0, end))?.[1];
  const isFull = text.length >= maxAnswerBytes;
  if (!isFull && body.length < Number(length ?? 0)) return null;
  return {
    status: Number(status),
    body,
    complete: status === '204' || length !== undefined || isFull,
  };
}

/**
 * Send a request on a connected socket and read the answer, at most 64 KiB of its body.
 *
 * @param what - the request, for messages
 * @throws Error when there is no answer in HTTP.
 */
export function ask(socket: Socket, what: string, request: string): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    let text = '';
    const settle = (): void => {
      socket.off('data', onData).off('close', settle).off('error', reject);
      const answer = parseAnswer(text);
      if (answer === null) reject(new Error(`${what} was not answered in HTTP`));
      else resolve(answer);
    };
    const onData = (chunk: Buffer): void => {
      // Bytes, not characters: lengths are compared.
      text += chunk.toString('latin1');
      if (parseAnswer(text)?.complete === true) settle();
    };
    socket.on('data', onData).on('close', settle).on('error', reject);
    socket.write(request);
  });
}
