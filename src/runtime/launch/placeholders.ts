/** Values for the placeholders in arguments, environment and working directory. */
export interface PlaceholderValues {
  readonly port: string;
  readonly host: string;
  readonly userData: string;
  readonly resources: string;
  /** Where the files of the frozen program are. */
  readonly bundle: string;
  /** Visible to every user of the computer when used in arguments; meant for the environment of foreign backends. */
  readonly token: string;
}

/** Replace `{port} {host} {userData} {resources} {bundle} {token}`; other braces stay. Pure. */
export function fillPlaceholders(text: string, values: PlaceholderValues): string {
  return text.replace(
    /\{(port|host|userData|resources|bundle|token)\}/g,
    (_match, name: keyof PlaceholderValues) => values[name],
  );
}
