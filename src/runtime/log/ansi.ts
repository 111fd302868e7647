/** Colour and cursor sequences of terminals: CSI, OSC and single-character escapes. */
// oxlint-disable-next-line no-control-regex -- control characters are the subject
const sequence = /\u001B(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)|[@-Z\\-_])/g;

/** Remove terminal escape sequences. */
export function stripAnsi(text: string): string {
  return text.includes('\u001B') ? text.replace(sequence, '') : text;
}
