// Freezes the first backend of a project in a process of its own, so that tests can kill it.
// Arguments: project folder, cache folder. Prints one line of JSON at the end.
import { loadConfig, resolveConfig } from '../../../src/config/index.js';
import { freezeBackend } from '../../../src/freeze/index.js';
import { hostTarget } from '../../../src/target.js';
import { verifyBundle } from '../../../src/verify/verify.js';

const [projectDir = '', cacheDir = ''] = process.argv.slice(2);
const stop = new AbortController();
process.once('SIGTERM', () => {
  stop.abort();
});
const [backend] = resolveConfig(await loadConfig({ projectDir }), {
  target: hostTarget(),
  cacheDir,
}).backends;
if (backend === undefined) throw new Error('no backend');
try {
  const frozen = await freezeBackend(backend, {
    cacheDir,
    verify: verifyBundle,
    signal: stop.signal,
    report: (event) => {
      if (event.type === 'stage') process.stdout.write(`stage ${event.stage}\n`);
    },
  });
  process.stdout.write(`${JSON.stringify({ cached: frozen.cached, bundleDir: frozen.bundleDir })}\n`);
} catch (error) {
  process.stdout.write(
    `${JSON.stringify({ code: (error as { code?: string }).code, message: (error as Error).message })}\n`,
  );
  process.exitCode = 1;
}
