import { urlReader, verifyRegistry } from '@teleport-plugins/terraform-registry';
import { expect, test } from 'vitest';

import { providerWorkspace, type ProviderWorkspace } from '../../test/provider-workspace.js';

const ports = {
  stagingPort: 0,
  publicPort: 0,
  terraformStagingPort: 0,
  terraformProductionPort: 0,
};

test('serves both Terraform registries, with a block of configuration for each, production’s last', async () => {
  const workspace = await providerWorkspace();
  await workspace.release('tf-release');
  const { printed, stop } = await serving(workspace);
  const [staging = '', production = ''] = printed.slice(-2);
  const url = /"(http:\/\/127\.0\.0\.1:\d+)\/registry\/"/;
  expect(staging).toMatch(/^host "tf-staging\.example\.com" \{ services = \{ "providers\.v1" = /);
  expect(production).toMatch(/^host "tf\.example\.com" \{ services = \{ "providers\.v1" = /);
  expect(printed.join('\n')).toMatch(
    /local Terraform production: http:\S+\n {2}provider {2}tf\.example\.com\/acme\/acme {2}1\.2\.3/,
  );
  for (const block of [staging, production]) {
    const root = new URL(url.exec(block)?.[1] ?? '');
    const findings = await verifyRegistry(
      urlReader(root),
      { namespace: 'acme', type: 'acme' },
      { at: new Date() },
    );
    expect(findings).toEqual([]);
  }
  expect(await stop()).toMatchObject({ success: true });
  const ended = fetch(`${url.exec(production)?.[1] ?? ''}/.well-known/terraform.json`);
  await expect(ended).rejects.toThrow();
});

test('serves registries in which nothing is yet, and what is published meanwhile', async () => {
  const workspace = await providerWorkspace();
  const { printed, stop } = await serving(workspace);
  expect(printed.join('\n')).toMatch(/Terraform staging: .*\n {2}provider {2}none yet/);
  await workspace.release('tf-stage');
  const base = /"(http:[^"]+)"/.exec(printed.at(-2) ?? '')?.[1] ?? '';
  expect((await fetch(`${base}acme/acme/versions`)).status).toBe(200);
  await stop();
});

test('says of an index that is damaged what is wrong, and serves it all the same', async () => {
  const workspace = await providerWorkspace();
  await workspace.release('tf-stage');
  await workspace.write(
    '.release/terraform/staging/registry/acme/acme/versions',
    '{"versions": 1}',
  );
  const { printed, stop } = await serving(workspace);
  expect(printed.join('\n')).toMatch(
    /provider {2}tf-staging\.example\.com\/acme\/acme {2}damaged: /,
  );
  await stop();
});

test('leaves out Terraform registries that are in buckets', async () => {
  const workspace = await providerWorkspace();
  const env = { RELEASE_TERRAFORM_PRODUCTION_URL: 's3://tf-bucket' };
  const { printed, stop } = await serving(workspace, env);
  expect(printed.at(-1)).toContain('host "tf-staging.example.com"');
  await stop();
});

/** Runs `serve`, and returns when it serves all. */
async function serving(workspace: ProviderWorkspace, env: Readonly<Record<string, string>> = {}) {
  const stopping = new AbortController();
  const printed: string[] = [];
  const wanted = env.RELEASE_TERRAFORM_PRODUCTION_URL === undefined ? 2 : 1;
  let isServing: () => void;
  const served = new Promise<void>((resolve) => (isServing = resolve));
  const running = workspace.run('serve', {
    options: ports,
    env,
    signal: stopping.signal,
    onPrint: (line) => {
      printed.push(line);
      if (printed.filter((each) => each.startsWith('host ')).length === wanted) isServing();
    },
  });
  await Promise.race([served, running]);
  return {
    printed,
    stop: () => {
      stopping.abort(new Error('stopped'));
      return running;
    },
  };
}
