#!/usr/bin/env node
'use strict';

/** Starts with-secrets, whose sources are TypeScript. */
const { dirname } = require('node:path');

/** As of the program itself, and of `env`, `timeout` and `docker run`: it is not the command that failed. */
const ownFailure = 125;

/** With a key in it, which is the most to learn. */
const document = `secrets:
  TOKEN:
    value: an example
  KEY:
    value: |
      -----BEGIN EXAMPLE-----
      ${'c2VjcmV0IGV4YW1wbGUh+/'.repeat(3)}
      ${'ZXhhbXBsZSBvZiBhIGtleQ'.repeat(3)}
      -----END EXAMPLE-----
`;

async function start() {
  const { runScript } = require('@teleport-plugins/source-bundle/script');
  await runScript({
    packageRoot: dirname(__dirname),
    source: 'src/main.ts',
    rehearsal: { args: ['--', 'echo', 'started'], input: document },
  });
}

start().catch((error) => {
  const why = error instanceof Error ? error.message : String(error);
  process.stderr.write(
    `with-secrets: the program cannot be loaded: ${why}\nrun \`npm ci\` in the workspace\n`,
  );
  process.exitCode = ownFailure;
});
