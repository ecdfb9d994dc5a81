import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { Secret } from '@teleport-plugins/secrets';
import { describeWithPeer, temporaryDirectory } from '@teleport-plugins/testing';
import { describe, expect, test } from 'vitest';

import { keys } from '../../documents/layout.js';
import { applyPublish } from '../../publish/apply.js';
import { isSettled } from '../../publish/publish-plan.js';
import { applyRepair, planRepair } from '../../repair/repair.js';
import { planResign } from '../../repair/resign.js';
import { openPgpSigner } from '../../signing/open-pgp-signer.js';
import { parsePublicKey } from '../../signing/public-key.js';
import { storeReader } from '../../verify/reader.js';
import { signerNamed } from '../keys.js';
import { address, contentsOf, now, planned, publish } from '../release.js';
import { blocksOf, patternOf } from './page.js';
import { situations } from './situations.js';
import { findingsIn, put, registry, releasedWithSignature, staged } from './world.js';

describe('docs/runbooks/terraform-recovery.md', () => {
  const printed = blocksOf('prints');

  test('shows every situation, and no other', () => {
    expect([...printed.keys()].sort()).toEqual(Object.keys(situations).sort());
  });

  test.each([...printed])('%s prints what it says', async (name, block) => {
    expect(await situations[name]?.()).toMatch(patternOf(block));
  });
});

describe('What it advises', () => {
  test('brings back a record that was lost, by the step', async () => {
    const { staging, archives } = await staged();
    const before = await contentsOf(staging);
    await staging.delete(keys.manifest(address, archives.version));
    await publish(registry(staging), archives);
    expect(await contentsOf(staging)).toEqual(before);
  });

  test('makes a record again that was lost, by a repair', async () => {
    const { staging, archives } = await staged();
    const before = await contentsOf(staging);
    await staging.delete(keys.manifest(address, archives.version));
    await applyRepair(await planRepair(registry(staging)));
    expect([...(await contentsOf(staging)).keys()]).toEqual([...before.keys()]);
    const plan = await planned(registry(staging), archives);
    expect(isSettled(plan)).toBe(true);
  });

  test('signs again with the same key what was overwritten', async () => {
    const { production, archives, signature } = await releasedWithSignature();
    const before = await contentsOf(production);
    await put(production, signature, 'overwritten');
    const signer = await signerNamed('b');
    const plan = await planResign(registry(production), archives.version, { signer });
    await applyPublish(plan, { at: now });
    expect(await contentsOf(production)).toEqual(before);
    expect(await findingsIn(storeReader(production))).toBe('');
  });
});

interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
}

test('the policy of the bucket has clients read all but the records, and covers every write', async () => {
  const { staging } = await staged();
  const { Statement } = JSON.parse(blocksOf('policy').get('terraform-bucket') ?? '') as {
    readonly Statement: readonly Statement[];
  };
  const covered = (sid: string, key: string) =>
    [Statement.find(({ Sid }) => Sid === sid)?.Resource ?? []]
      .flat()
      .map((resource) => resource.replace('arn:aws:s3:::PRODUCTION_BUCKET/', ''))
      .some((prefix) => key.startsWith(prefix.replace(/\*$/, '')));
  for (const key of (await contentsOf(staging)).keys()) {
    expect([key, covered('ClientsRead', key)]).toEqual([key, !key.startsWith('releases/')]);
    expect([key, covered('WritesHoldToConditions', key)]).toEqual([key, true]);
  }
});

describeWithPeer({ program: 'gpg', install: 'apt-get install gnupg' }, () => {
  test('its commands make a key that signs, and prolong it', async () => {
    const cwd = await temporaryDirectory();
    const script = [...blocksOf('gpg').values()].join('\ncp signing-key.asc first.asc\n');
    const end = 'trap "gpgconf --kill all" EXIT\n';
    execFileSync('bash', ['-euc', end + script], { cwd, stdio: 'pipe' });
    const text = (file: string) => readFile(join(cwd, file), 'utf8');
    const passphrase = new Secret((await text('passphrase')).trim());
    const published = parsePublicKey(await text('public-key.asc'), 'public-key.asc');
    const [first, prolonged] = await Promise.all(
      ['first.asc', 'signing-key.asc'].map(async (file) => {
        const date = new Date(Date.now() + 1000);
        return openPgpSigner(new Secret(await text(file)), { passphrase, date, where: file });
      }),
    );
    for (const signer of [first, prolonged]) {
      expect(signer).toMatchObject({ keys: [{ keyId: published.keyId }], warnings: [] });
      await signer?.sign(Buffer.from('sums'));
    }
    expect(prolonged?.keys[0].armor).not.toBe(first?.keys[0].armor);
  });
});
