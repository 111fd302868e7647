/** The part of a page that one script measures and another, which writes the rest of the page, must keep. */

const beginOf = (command: string): string => `<!-- measured: begin (npm run ${command}) -->`;
const end = '<!-- measured: end -->';

/** What stands between the marks; empty when they are missing. */
export function measuredOf(page: string, command = 'measure:presets'): string {
  const begin = beginOf(command);
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  return from === -1 || to < from ? '' : page.slice(from + begin.length, to).trim();
}

/** A text between the marks. */
export function measuredBlock(text: string, command = 'measure:presets'): string {
  return `${beginOf(command)}\n${text}\n${end}`;
}

/** The page with another text between the marks. */
export function replaceMeasured(page: string, text: string, command = 'measure:presets'): string {
  const begin = beginOf(command);
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from === -1 || to < from) throw new Error('The page has no place for what was measured.');
  return page.slice(0, from) + measuredBlock(text, command) + page.slice(to + end.length);
}
