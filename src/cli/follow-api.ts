/**
 * Started by the app in development, when a backend is ready whose API has types. Gets a file with its job as its argument and the OpenAPI
 * document on standard input; prints what to tell the developer. No command: the app has neither TypeScript nor our dependencies.
 */
import { text } from 'node:stream/consumers';
import { followApi } from '../hosts/client/follow-api.js';

try {
  const said = await followApi(process.argv[2] ?? '', await text(process.stdin));
  if (said !== null) process.stdout.write(`${said}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
