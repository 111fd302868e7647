import path from 'node:path';
import { readText } from '../../../lib/files.js';
import { withSlashes } from '../../../lib/paths.js';
import type { Format } from '../formatter.js';
import type { Step } from '../step.js';
import { type FactsInput, findWorkflowFacts } from './facts.js';
import { isOurWorkflow, workflowText } from './text.js';

/**
 * The workflow of a project, where GitHub reads it: at the root of its repository. A file that is there stays as it is; one
 * that is somebody else's leaves its name to them.
 */
export async function workflowStep(input: FactsInput, format: Format): Promise<Step> {
  const { root, ...facts } = await findWorkflowFacts(input);
  const { project } = facts.repository;
  const names =
    project === '.'
      ? ['build', 'build-app']
      : [`build-${path.posix.basename(project)}`, `build-${project.replaceAll('/', '-')}`];
  const text = workflowText(facts);
  for (const name of names) {
    const absolute = path.join(root, '.github/workflows', `${name}.yml`);
    const file = withSlashes(path.relative(input.projectDir, absolute));
    const there = await readText(absolute);
    if (there === null)
      return { type: 'write', file, text, before: null, why: 'builds on Windows, macOS and Linux' };
    if (!isOurWorkflow(there) || !isAbout(there, project)) continue;
    const isCurrent = there === text || there === (await format(text, file));
    return {
      type: 'note',
      text: isCurrent
        ? `${file} is there already and up to date.`
        : `${file} is there already and differs from what would be written now; it stays as it is. Take it away and run init again to get the new one.`,
    };
  }
  return {
    type: 'note',
    text: `${names.map((name) => `${name}.yml`).join(' and ')} in ${path.join(root, '.github/workflows')} are there already and not from here; they stay as they are. docs/ci.md shows what a workflow has to do.`,
  };
}

/** Two apps of a repository may have folders of the same name. */
function isAbout(workflow: string, project: string): boolean {
  const folder = /^ +run: \{ shell: bash, working-directory: '?([^'}]*?)'? \}/m.exec(workflow)?.[1];
  return folder === undefined || folder === project;
}
