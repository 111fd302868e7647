import type { LogLine } from '../log-channel';
import { element, setText } from './elements';

const shown = 300;
/** Python's `2026-01-31 12:34:56,789 INFO     name: text`; uvicorn writes `INFO:     text`. */
const timestamp = /^\d{4}-\d\d-\d\d (\d\d:\d\d:\d\d),\d+ /;
let total = 0;

/** Append a line of output; stays at the end unless the reader scrolled up. */
export function showLogLine({ line }: LogLine): void {
  const list = element('log', HTMLElement);
  const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 24;
  const item = document.createElement('li');
  const match = timestamp.exec(line);
  const time = document.createElement('time');
  time.textContent = match?.[1] ?? new Date().toLocaleTimeString('en-GB');
  item.append(time, line.slice(match?.[0].length ?? 0));
  if (/\b(ERROR|CRITICAL|Traceback)\b/.test(line)) item.dataset['level'] = 'error';
  else if (/\bWARNING\b/.test(line)) item.dataset['level'] = 'warning';
  list.append(item);
  while (list.childElementCount > shown) list.firstElementChild?.remove();
  total += 1;
  setText('log-count', `${total} lines`);
  if (isAtEnd) list.scrollTop = list.scrollHeight;
}
