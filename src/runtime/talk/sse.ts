/** One event of a server-sent event stream. */
export interface ServerSentEvent {
  /** @defaultValue `message`, as in browsers. */
  readonly event: string;
  readonly data: string;
  /** Last id seen, also when it came with an earlier event. */
  readonly id: string;
  /** Milliseconds the server wishes clients to wait before they connect again. */
  readonly retry: number | null;
}

/**
 * Read server-sent events, one at a time, as fast as the reader takes them. Ends with the body; leaving the loop cancels it.
 *
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export async function* readEventStream(
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<ServerSentEvent, void> {
  const decoder = new TextDecoder();
  /** What there is of the line that has not ended. */
  let open: string[] = [];
  let held = '';
  let event = '';
  let data: string[] = [];
  let id = '';
  let retry: number | null = null;
  for await (const chunk of body) {
    const text = held + decoder.decode(chunk, { stream: true });
    // A carriage return at the very end may be half of a line end.
    held = text.endsWith('\r') ? '\r' : '';
    const [first = '', ...others] = text.slice(0, text.length - held.length).split(/\r\n|\n|\r/);
    open.push(first);
    for (const next of others) {
      const line = open.join('');
      open = [next];
      if (line === '') {
        if (data.length > 0)
          yield { event: event === '' ? 'message' : event, data: data.join('\n'), id, retry };
        event = '';
        data = [];
        continue;
      }
      const colon = line.indexOf(':');
      if (colon === 0) continue;
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
      if (field === 'event') event = value;
      else if (field === 'data') data.push(value);
      else if (field === 'id' && !value.includes('\0')) id = value;
      else if (field === 'retry' && /^\d+$/.test(value)) retry = Number(value);
    }
  }
}
