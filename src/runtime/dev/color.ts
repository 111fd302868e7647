/** Colours as https://no-color.org asks for them; `FORCE_COLOR` overrides. Pure. */
export function wantsColor(env: Readonly<Record<string, string | undefined>>, isTerminal: boolean): boolean {
  const set = (name: string) => env[name] !== undefined && env[name] !== '';
  if (set('NO_COLOR')) return false;
  if (set('FORCE_COLOR')) return env['FORCE_COLOR'] !== '0';
  return isTerminal && env['TERM'] !== 'dumb';
}
