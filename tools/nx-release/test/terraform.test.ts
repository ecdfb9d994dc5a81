import { execFile, execFileSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import {
  type Clone,
  cloneWorkspace,
  describeWithPeer,
  freePort,
  temporaryDirectory,
} from '@teleport-plugins/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

let clone: Clone;
beforeAll(async () => {
  clone = await cloneWorkspace();
});
afterAll(() => clone.remove());

const run = 'run terraform-provider-teleport:tf-release';

// Each test takes the clone as the one before it has left it.
describe('nx run terraform-provider-teleport:tf-release', () => {
  test('in a dry run shows all of it, and writes nothing', async () => {
    const { code, output } = await clone.nx(`${run} --dry-run`);
    expect(code, output).toBe(0);
    expect(output).toContain('create  registry/gravitational/teleport/versions, merged');
    expect(await clone.git('status', '--porcelain', '--ignored', '--', '.release')).toBe('');
  });

  test('packs, pushes, stages and releases on a fresh clone', async () => {
    const { code, output } = await clone.nx(run);
    expect(code, output).toBe(0);
    expect(output).toMatch(
      /✔ released: terraform\.releases\.teleport\.dev\/gravitational\/teleport /,
    );
  });

  test('again takes the archives from the cache, and writes nothing', async () => {
    const { code, output } = await clone.nx(run);
    expect(code, output).toBe(0);
    expect(output).toMatch(/build-archives:local {2}\[.*cache.*\]/);
    expect(output).toContain('✔ already there:');
    expect(output).toContain('✔ already staged:');
    expect(output).toContain('✔ already released:');
  });

  test('of a tag that was never pushed is refused, with what to do', async () => {
    const tag = 'terraform-provider-teleport-v0.0.1';
    const { code, output } = await clone.nx(`${run} --tag ${tag}`);
    expect(code).not.toBe(0);
    expect(output).toContain(`check out ${tag}`);
  });
});

describeWithPeer(
  { program: 'terraform', install: 'see https://developer.hashicorp.com/terraform/install' },
  (terraform) => {
    test('what release:serve prints is all that Terraform needs, for staging and for production', async () => {
      const ports = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
      const names = ['staging', 'public', 'terraform-staging', 'terraform-production'];
      const options = names.map((name, index) => `--${name}-port ${String(ports[index])}`);
      const serving = clone.start(`run release:serve ${options.join(' ')}`);
      const host = 'terraform.releases.teleport.dev';
      await serving.printed(new RegExp(`host "${host.replaceAll('.', '\\.')}" .*\n`));
      try {
        for (const source of [`terraform-staging.${host.replace(/^terraform\./, '')}`, host]) {
          await install(terraform, source, ports);
        }
      } finally {
        serving.kill('SIGTERM');
      }
      const { output } = await serving.ended;
      for (const port of ports.slice(2)) {
        expect(output).toContain(`= { "providers.v1" = "http://127.0.0.1:${port}/registry/" }`);
      }
    });
  },
);

/** Installs the provider with the blocks as they are printed, and runs what was installed. */
async function install(terraform: string, host: string, ports: readonly number[]): Promise<void> {
  const directory = await temporaryDirectory();
  const source = `${host}/gravitational/teleport`;
  await writeFile(
    join(directory, 'main.tf'),
    `terraform {\n  required_providers {\n    teleport = { source = "${source}" }\n  }\n}\n`,
  );
  const [, , staging, production] = ports;
  const block = (name: string, port: unknown) =>
    `host "${name}" { services = { "providers.v1" = "http://127.0.0.1:${String(port)}/registry/" } }\n`;
  await mkdir(join(directory, 'home'));
  const configuration = join(directory, 'home', 'cli.tfrc');
  await writeFile(
    configuration,
    block('terraform-staging.releases.teleport.dev', staging) +
      block('terraform.releases.teleport.dev', production),
  );
  const env = {
    PATH: process.env.PATH,
    HOME: join(directory, 'home'),
    TF_CLI_CONFIG_FILE: configuration,
    CHECKPOINT_DISABLE: '1',
    TF_IN_AUTOMATION: '1',
    TF_CLI_ARGS: '-no-color',
  };
  const { stdout } = await promisify(execFile)(terraform, ['init'], { cwd: directory, env });
  expect(stdout).toMatch(new RegExp(`Installed ${source.replaceAll('.', '\\.')} v[\\d.]+ \\(`));
  const lock = await readFile(join(directory, '.terraform.lock.hcl'), 'utf8');
  expect(lock.match(/"zh:/g)).toHaveLength(8);
  const [program = ''] = execFileSync(
    'find',
    [join(directory, '.terraform'), '-name', 'terraform-provider-teleport_v*'],
    { encoding: 'utf8' },
  ).split('\n');
  expect(() => execFileSync(program, { stdio: 'pipe' })).toThrow('This is a sample');
}
