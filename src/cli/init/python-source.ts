/** What starts a backend, as found in its source; the form users write. */
export type FoundEntry = { readonly asgi: string } | { readonly wsgi: string } | { readonly script: string };

/** What one Python file says about how the backend is started. */
export interface FileFindings {
  readonly entry: FoundEntry | null;
  /** Framework by name, for people. */
  readonly framework: string | null;
  /** A path that answers whether the backend is healthy. */
  readonly healthPath: string | null;
  /** Packages whose modules are imported by a name that is only known at run time. */
  readonly lazyPackages: readonly string[];
}

const asgiFrameworks = ['FastAPI', 'Starlette', 'Litestar', 'Quart', 'Sanic', 'BlackSheep'];
const wsgiFrameworks = ['Flask', 'Bottle', 'Falcon'];

/**
 * Read a Python file for its application object, health route and lazily imported packages. This is a guess from the
 * text, shown to people before anything is written; Python is not run.
 *
 * @param module - import name of the file, e.g. `main` or `app.server`
 * @param file - path relative to the project, for entries that are scripts
 */
export function readPythonSource(text: string, module: string, file: string): FileFindings {
  const code = text.replaceAll(/^\s*#.*$/gm, '');
  const asgi = findAssignment(code, asgiFrameworks);
  const wsgi = findAssignment(code, wsgiFrameworks);
  let entry: FoundEntry | null = null;
  let framework: string | null = null;
  if (asgi !== null) [entry, framework] = [{ asgi: `${module}:${asgi.name}` }, asgi.framework];
  else if (wsgi !== null) [entry, framework] = [{ wsgi: `${module}:${wsgi.name}` }, wsgi.framework];
  else if (/^application\s*=\s*get_asgi_application\(/m.test(code)) {
    [entry, framework] = [{ asgi: `${module}:application` }, 'Django'];
  } else if (/^application\s*=\s*get_wsgi_application\(/m.test(code)) {
    [entry, framework] = [{ wsgi: `${module}:application` }, 'Django'];
  } else if (/^if\s+__name__\s*==\s*['"]__main__['"]\s*:/m.test(code)) {
    entry = { script: file };
  }
  return { entry, framework, healthPath: findHealthPath(code), lazyPackages: findLazyPackages(code) };
}

function findAssignment(
  code: string,
  frameworks: readonly string[],
): { readonly name: string; readonly framework: string } | null {
  // Only at the left margin: an object made inside a function cannot be imported by name.
  const pattern = new RegExp(
    `^(\\w+)(?:\\s*:\\s*[\\w.]+)?\\s*=\\s*(?:\\w+\\.)?(${frameworks.join('|')})\\s*\\(`,
    'm',
  );
  const match = pattern.exec(code);
  return match?.[1] === undefined || match[2] === undefined ? null : { name: match[1], framework: match[2] };
}

function findHealthPath(code: string): string | null {
  const routes = [...code.matchAll(/\.(?:get|route|add_api_route|api_route)\(\s*f?['"](\/[^'"{]*)['"]/g)].map(
    ([, route]) => route ?? '',
  );
  return routes.find((route) => /\/(?:health|healthz|ready|readyz|ping|live)\/?$/i.test(route)) ?? null;
}

/** `import_module(f"services.{name}")`, `"connectors." + name`, `import_module("services.one")`, `pkgutil.iter_modules(plugins.__path__)`. */
function findLazyPackages(code: string): string[] {
  const packages = new Set<string>();
  for (const pattern of [
    /import_module\(\s*f['"]([\w.]+)\.\{/g,
    /__import__\(\s*f['"]([\w.]+)\.\{/g,
    /import_module\(\s*['"]([\w.]+)\.['"]\s*\+/g,
    // PyInstaller does not follow a name in a string either; its package is taken whole.
    /import_module\(\s*['"]([\w.]+)\.\w+['"]\s*[,)]/g,
    /(?:iter_modules|walk_packages)\(\s*([\w.]+)\.__path__/g,
  ]) {
    for (const [, name] of code.matchAll(pattern)) if (name !== undefined) packages.add(name);
  }
  return [...packages].sort();
}
