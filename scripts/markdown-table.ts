/** Text that stands in a cell of a Markdown table. */
function cell(text: string): string {
  const line = text.replaceAll('|', String.raw`\|`).replaceAll('\n', ' ');
  // Inside of code `&lt;` would be shown as it stands.
  return line
    .split(/(`[^`]*`)/)
    .map((part, index) => (index % 2 === 1 ? part : part.replaceAll('<', '&lt;')))
    .join('');
}

/** A Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows]
    .map((row) => `| ${row.map((text) => cell(text)).join(' | ')} |`)
    .join('\n');
}
