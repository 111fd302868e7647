/** Expressions of a workflow, as far as those that `init` writes use them. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** What expressions may ask for. */
export interface Contexts {
  /** Absolute folder of the checkout. */
  readonly workspace: string;
  readonly matrix: Readonly<Record<string, string>>;
  /** Outputs of the steps so far, by their id. */
  readonly outputs: ReadonlyMap<string, Readonly<Record<string, string>>>;
}

/** A text with its expressions replaced. @throws Error for one that is not known, or has no value. */
export function evaluated(text: string, contexts: Contexts): string {
  return text.replaceAll(/\$\{\{\s*(.*?)\s*\}\}/g, (_, expression: string) => {
    const value = valueOf(expression, contexts);
    if (value === undefined || value === '') throw new Error(`\${{ ${expression} }} has no value`);
    return value;
  });
}

function valueOf(expression: string, { workspace, matrix, outputs }: Contexts): string | undefined {
  if (expression === 'github.workspace') return workspace;
  const [, key] = /^matrix\.(\w+)$/.exec(expression) ?? [];
  if (key !== undefined) return matrix[key];
  const [, step, output] = /^steps\.(\w+)\.outputs\.(\w+)$/.exec(expression) ?? [];
  if (step !== undefined && output !== undefined) return outputs.get(step)?.[output];
  const [, files] = /^hashFiles\((.*)\)$/.exec(expression) ?? [];
  if (files === undefined) throw new Error(`\${{ ${expression} }} is not known here`);
  const digest = createHash('sha256');
  for (const [, name = ''] of files.matchAll(/'((?:[^']|'')*)'/g))
    digest.update(readFileSync(path.join(workspace, name.replaceAll("''", "'"))));
  return digest.digest('hex');
}

/** What a step wrote into its file of outputs. */
export function readOutputs(text: string): Record<string, string> {
  return Object.fromEntries(
    text.split('\n').flatMap((line) => {
      const [, name, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value]];
    }),
  );
}
