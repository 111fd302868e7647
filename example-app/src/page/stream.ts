/** Server-sent events over `fetch`: `EventSource` knows http and https only, the page's scheme is the app's own. */

/** Yields the data of each event until the stream ends. */
export async function* serverSentEvents(path: string, signal: AbortSignal): AsyncGenerator {
  const response = await fetch(path, { signal });
  if (!response.ok || response.body === null) throw new Error(`${path} answered ${response.status}`);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const events = (rest + value).split('\n\n');
    rest = events.pop() ?? '';
    for (const event of events) {
      const data = event.split('\n').filter((line) => line.startsWith('data:'));
      if (data.length > 0) yield JSON.parse(data.map((line) => line.slice(5)).join('\n'));
    }
  }
}
