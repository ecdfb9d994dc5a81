import { Secret } from '@teleport-plugins/secrets';
import type { generateKey } from 'openpgp';

import { openPgpSigner } from '../signing/open-pgp-signer.js';
import { openPgp } from '../signing/openpgp.js';
import type { Signer } from '../signing/signer.js';
import { throwawayKey } from '../signing/throwaway-key.js';

/** When the keys of tests are made, and the signatures a little later. */
export const keyDate = new Date('2026-11-01T00:00:00Z');
export const signingDate = new Date('2026-11-02T00:00:00Z');

/** A key of any kind that the library makes. */
export async function generated(
  options: Partial<Parameters<typeof generateKey>[0]>,
): Promise<Secret> {
  const { generateKey: generate } = await openPgp();
  const { privateKey } = await generate({
    type: 'rsa',
    rsaBits: 2048,
    userIDs: { name: 'Test' },
    date: keyDate,
    ...options,
    config: { minRSABits: 1024, ...options.config },
    format: 'armored',
  });
  return new Secret(privateKey);
}

const kept = new Map<string, Promise<Secret>>();

/** A key by a name, made once in each test file. */
export function keyNamed(name: string): Promise<Secret> {
  const key = kept.get(name) ?? throwawayKey(keyDate, { bits: 2048 });
  kept.set(name, key);
  return key;
}

export async function signerNamed(name: string): Promise<Signer> {
  return openPgpSigner(await keyNamed(name), { date: signingDate, where: `the key ${name}` });
}
