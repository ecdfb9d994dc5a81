import { existsSync } from 'node:fs';
import { cp, mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';

import type { Host } from '@teleport-plugins/nx-release/host';
import { outputOf, programsIn } from '@teleport-plugins/nx-release/programs';
import { loadReleaseConfig } from '@teleport-plugins/release';

import { newCheckoutFolder, removeAbandoned } from './checkout-folder.js';
import { EmergencyError } from './error.js';
import { workspaceRoot } from './workspace.js';

/**
 * A clean checkout of a release tag, with its own dependencies installed, until the command ends. Receipts that
 * steps leave there are brought home; the state of the `local` environment is the workspace's own. Throws
 * `tag-missing`, `checkout-unusable`, ReleaseError `environment-unknown`, and StepError `program-failed`.
 */
export async function checkOut(tag: string, environment: string, host: Host): Promise<string> {
  const git = programsIn(workspaceRoot, host);
  const isTag = await git({
    nothrow: true,
  })`git rev-parse --quiet --verify ${`refs/tags/${tag}^{commit}`}`;
  if (isTag.exitCode !== 0) {
    throw new EmergencyError(
      'tag-missing',
      `${tag} is not a tag of this repository; run \`git fetch --tags\`, or check the version`,
    );
  }
  await removeAbandoned(git);
  // Nx would say so after the minutes that installing takes.
  (await loadReleaseConfig(workspaceRoot, host.env)).environment(environment);
  const home = await newCheckoutFolder();
  const checkout = join(home, 'checkout');
  host.atEnd(() => removeCheckout(checkout, home, host));
  host.print(`checking out ${tag}`);
  await outputOf(
    git`git ${withoutHooks} worktree add --quiet --detach ${checkout} ${`refs/tags/${tag}`}`,
  );
  if (!existsSync(join(checkout, 'nx.json'))) {
    throw new EmergencyError(
      'checkout-unusable',
      `${tag} is from before this workspace: it has no nx.json, so nothing here can build it`,
    );
  }
  host.atEnd(() => bringReceipts(checkout));
  await mkdir(join(workspaceRoot, '.release'), { recursive: true });
  await symlink(join(workspaceRoot, '.release'), join(checkout, '.release'));
  host.print('installing what its lockfile names');
  await outputOf(
    programsIn(checkout, { ...host, env: withoutSecrets(host.env) })`npm ci ${quietly}`,
  );
  return checkout;
}

/** They would run beside secrets. */
const withoutHooks = ['-c', 'core.hooksPath=/dev/null'];

/** No scripts: what is released needs none, and they would run beside secrets. Nor what is for developers only. */
const quietly = [
  '--ignore-scripts',
  '--omit=dev',
  '--prefer-offline',
  '--no-audit',
  '--no-fund',
  '--silent',
];

/** What npm needs to find its registry. No secret of the release is among it. */
function withoutSecrets(env: Host['env']): Host['env'] {
  const needed =
    /^(?:PATH|HOME|USER|LOGNAME|SHELL|LANG|TMPDIR|TEMP|TMP|TERM|CI|(?:https?|no|all)_proxy|npm_config_.+|NODE_EXTRA_CA_CERTS|SSL_CERT_(?:FILE|DIR)|XDG_.+)$/i;
  return Object.fromEntries(Object.entries(env).filter(([name]) => needed.test(name)));
}

async function bringReceipts(checkout: string): Promise<void> {
  const receipts = 'dist/release';
  if (!existsSync(join(checkout, receipts))) return;
  await cp(join(checkout, receipts), join(workspaceRoot, receipts), { recursive: true });
}

async function removeCheckout(checkout: string, home: string, host: Host): Promise<void> {
  // Also for who pressed Ctrl-C.
  const git = programsIn(workspaceRoot, { ...host, signal: new AbortController().signal });
  await rm(home, { recursive: true, force: true, maxRetries: 5 });
  if (!existsSync(checkout)) await outputOf(git`git worktree prune`);
}
