import { expect, it } from 'vitest';
import { requestsError, type FailedRequest } from '../../src/verify/verify-error.js';
import type { Subject } from '../../src/verify/subject.js';

const subject = {
  name: 'engine',
  expected: { http: [1, 2, 3] },
  context: { configFile: 'pyinstaller.config.ts', configPath: 'backends.engine' },
} as unknown as Subject;

function failure(
  path: string,
  output: readonly string[] = [],
  body = 'Internal Server Error',
): FailedRequest {
  return { request: `GET ${path}`, seen: `GET ${path} answered 500.`, body, output };
}

const missing = (module: string): string[] => [
  'Traceback (most recent call last):',
  `ModuleNotFoundError: No module named '${module}'`,
];

it('every failed request is named, with its own cause', () => {
  const error = requestsError(
    subject,
    [failure('/a', missing('services.a')), failure('/b', missing('services.b'))],
    [],
  );
  expect(error.message).toContain('2 of 3 requests of `verify.http` failed.');
  expect(error.message).toMatch(
    /GET \/a answered 500\.\nIts last output:\n.*\n {2}\| ModuleNotFoundError: .*services\.a/,
  );
  expect(error.message).toMatch(
    /GET \/b answered 500\.\nIts last output:\n.*\n {2}\| ModuleNotFoundError: .*services\.b/,
  );
  expect(error.hint).toMatch(/GET \/a: [^\n]*services\.a/);
  expect(error.hint).toMatch(/GET \/b: [^\n]*services\.b/);
  expect(error.hint).not.toContain('See `verify.http`');
});

it('what one edit mends is said once, for all its requests', () => {
  const error = requestsError(
    subject,
    [failure('/a', missing('services.a')), failure('/b', missing('services.a'))],
    [],
  );
  expect(error.hint?.match(/hiddenImports/g)).toHaveLength(1);
  expect(error.hint).toContain('GET /a, GET /b: ');
});

it('a traceback in the answer counts like one that was printed', () => {
  const error = requestsError(subject, [failure('/a', [], missing('services.a').join('\n'))], []);
  expect(error.hint).toContain("hiddenImports: ['services.a']");
});

it('what was printed at the start does not explain a request that explains itself', () => {
  const earlier = missing('optional_speedups');
  const error = requestsError(
    subject,
    [failure('/a', missing('services.a'))],
    [...earlier, ...missing('services.a')],
  );
  expect(error.hint).not.toContain('optional_speedups');
});

it('an unexplained request points to the configuration and shows the last output', () => {
  const seen = 'GET /a answered 404.';
  const error = requestsError(subject, [{ ...failure('/a'), seen }], ['listening']);
  expect(error.message).toContain('  | listening');
  expect(error.hint).toBe('See `verify.http` of backends.engine in pyinstaller.config.ts.');
});

it('an answer of 500 without a traceback says that the framework hides it', () => {
  expect(requestsError(subject, [failure('/a', ['GET /a 500'])], []).hint).toContain(
    'It printed no traceback: some frameworks keep exceptions to themselves',
  );
  const told = failure('/a', ['Traceback (most recent call last):', '  File "a.py"', 'ValueError: 1']);
  expect(requestsError(subject, [told], []).hint).not.toContain('printed no traceback');
});
