/**
 * The process: `with-secrets [options] -- command`. It ends as its command does.
 */
import { exitCodeOf } from './error.js';
import type { Host } from './host.js';
import { dieOf } from './signals/die-of.js';
import { emptyCoreDumps } from './signals/core-dumps.js';
import { withSecrets } from './with-secrets.js';

const { argv, env, stdout, stderr } = process;

const host: Host = {
  env,
  stdin: () => process.stdin,
  stdout,
  stderr,
  warn: (message) => void stderr.write(`with-secrets: ${message}\n`),
};

emptyCoreDumps();
// Whoever reads our output may leave; whoever writes into it learns of that where it is copied.
for (const stream of [stdout, stderr]) stream.on('error', () => undefined);

withSecrets(argv.slice(2), host).then(
  (ending) => {
    if ('signal' in ending) dieOf(ending.signal);
    // What may still be open here keeps nobody waiting.
    process.exit(ending.exitCode);
  },
  (error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    stderr.write(`with-secrets: ${why}\n`, () => process.exit(exitCodeOf(error)));
  },
);
