import type * as Parser from '@actions/workflow-parser';
import { build } from 'esbuild';
import { repositoryDir } from './paths.js';

/** GitHub's own parser; bundled, because its modules import JSON as bundlers allow it and Node does not. */
async function loadParser(): Promise<typeof Parser> {
  const { outputFiles } = await build({
    stdin: { contents: "export * from '@actions/workflow-parser';", resolveDir: repositoryDir },
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    // A dependency of it calls require(), which a module has to make.
    banner: {
      js: `import { createRequire } from 'node:module'; const require = createRequire(${JSON.stringify(import.meta.url)});`,
    },
    logLevel: 'error',
  });
  const code = Buffer.from(outputFiles[0]?.contents ?? []).toString('base64');
  return (await import(/* @vite-ignore */ `data:text/javascript;base64,${code}`)) as typeof Parser;
}

const { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } = await loadParser();

/** What GitHub's own parser finds wrong with a workflow: its schema, and the contexts of its expressions. */
export async function workflowProblems(text: string): Promise<string[]> {
  const trace = new NoOperationTraceWriter();
  const { context, value } = parseWorkflow({ name: 'workflow.yml', content: text }, trace);
  if (value !== undefined) await convertWorkflowTemplate(context, value);
  return context.errors.getErrors().map(({ message }) => message);
}
