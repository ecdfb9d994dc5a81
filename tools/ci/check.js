/**
 * Runs all scripts of package.json that begin with `check:`, on two cores: linting with types takes as long as all the
 * others. What a check prints stands together, and the others are run even when one fails.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';

const manifest = new URL('../../package.json', import.meta.url);
const scripts = Object.keys(JSON.parse(readFileSync(manifest, 'utf8')).scripts);
const checks = scripts.filter((name) => name.startsWith('check:'));
const lint = 'check:lint';

/** @param {string} name */
async function run(name) {
  const child = spawn('npm', ['run', '--silent', name], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise((resolve) => void child.once('close', resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  console.log(`${code === 0 ? '✔' : '✘'} ${name}`);
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  if (code !== 0) process.exitCode = 1;
}

/** @param {readonly string[]} names */
async function inOrder(names) {
  for (const name of names) await run(name);
}

await Promise.all([inOrder([lint]), inOrder(checks.filter((name) => name !== lint))]);
