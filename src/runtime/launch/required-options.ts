/** What is passed for an option that must be there. */
const examples = { app: "Electron's `app`", name: 'the name of the backend in the configuration' } as const;

/** Refuse a call without an option. JavaScript has no compiler that does. @throws TypeError naming it. */
export function requireOptions(
  caller: string,
  options: Readonly<Partial<Record<keyof typeof examples, unknown>>>,
  keys: readonly (keyof typeof examples)[],
): void {
  const missing = keys.find((key) => options[key] === undefined || options[key] === null);
  if (missing !== undefined)
    throw new TypeError(`${caller}: the option \`${missing}\` is missing; pass ${examples[missing]}`);
}
