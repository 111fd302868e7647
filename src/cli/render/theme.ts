import { styleText } from 'node:util';

/** Text styles by what they mean. */
export interface Theme {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly careful: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly strong: (text: string) => string;
}

/** Styles for a terminal, or none at all. */
export function createTheme(color: boolean): Theme {
  const style = (format: Parameters<typeof styleText>[0]) =>
    color ? (text: string) => styleText(format, text, { validateStream: false }) : (text: string) => text;
  return {
    good: style('green'),
    bad: style('red'),
    careful: style('yellow'),
    faint: style('dim'),
    strong: style('bold'),
  };
}
