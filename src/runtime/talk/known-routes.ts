import { attempt } from '../attempt.js';
import { isObject } from '../is-object.js';
import { probeHttp } from './probe.js';
import type { ProbeTarget } from './probe.js';

/** Where servers mostly say that they are well. */
const usual = ['/health', '/api/health', '/healthz', '/'];

/** Paths that a server answers: those it describes itself (OpenAPI), else of the usual ones. For a message. */
export async function knownRoutes(target: ProbeTarget): Promise<string[]> {
  const answers = async (path: string): Promise<string | null> =>
    probeHttp({ ...target, path }).catch(() => null);
  const described = await answers('/openapi.json');
  const paths = attempt(() => (JSON.parse(described ?? '') as { paths?: unknown }).paths);
  if (isObject(paths)) return Object.keys(paths).slice(0, 12);
  const routes: string[] = [];
  for (const path of usual) if ((await answers(path)) !== null) routes.push(path);
  return routes;
}
