/**
 * Variables that make an interpreter load other code than its own, or an installer write elsewhere than into the
 * environment it was told. Everything else stays in force: PIP_* and UV_* are how companies point at their mirrors.
 */
const dropped: ReadonlySet<string> = new Set([
  'PYTHONPATH',
  'PYTHONHOME',
  'PYTHONSTARTUP',
  'PYTHONEXECUTABLE',
  'PYTHONPLATLIBDIR',
  'PYTHONUSERBASE',
  'PYTHONOPTIMIZE',
  'PYTHONINSPECT',
  // Set by macOS's python launcher; makes a child believe it is that program.
  '__PYVENV_LAUNCHER__',
  'VIRTUAL_ENV',
  'VIRTUAL_ENV_PROMPT',
  'PIP_TARGET',
  'PIP_PREFIX',
  'PIP_ROOT',
  'PIP_PYTHON',
  'PIP_DRY_RUN',
  'PIP_QUIET',
  'UV_PYTHON',
  'UV_SYSTEM_PYTHON',
  'UV_PROJECT_ENVIRONMENT',
  'UV_PROJECT',
  'UV_WORKING_DIR',
  'UV_WORKING_DIRECTORY',
]);

/** Environment for interpreters and installers: inherited, minus what would point them at another environment. */
export function cleanEnvironment(
  inherited: NodeJS.ProcessEnv,
  added: Readonly<Record<string, string>> = {},
): NodeJS.ProcessEnv {
  // Windows variables have no case.
  const kept = Object.entries(inherited).filter(([name]) => !dropped.has(name.toUpperCase()));
  return { ...Object.fromEntries(kept), PYTHONNOUSERSITE: '1', ...added };
}
