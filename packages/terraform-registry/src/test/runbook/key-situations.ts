import { Secret } from '@teleport-plugins/secrets';

import { describePlan } from '../../publish/publish-plan.js';
import { planResign } from '../../repair/resign.js';
import { openPgpSigner } from '../../signing/open-pgp-signer.js';
import { storeReader } from '../../verify/reader.js';
import { generated, keyDate, keyNamed, signerNamed, signingDate } from '../keys.js';
import {
  bytesOf,
  findingsIn,
  promote,
  put,
  refusal,
  registry,
  releasedWithSignature,
} from './world.js';

const variable = 'PRODUCTION_TERRAFORM_REGISTRY_SIGNING_KEY';

/** What is printed where a key or a signature is wrong. */
export const keySituations: Readonly<Record<string, () => Promise<string>>> = {
  async 'key-expired'() {
    return keyRefusal(await generated({ keyExpirationTime: 3600 }));
  },
  async 'key-locked'() {
    return keyRefusal(await generated({ passphrase: 'x' }));
  },
  async 'key-wrong-passphrase'() {
    return keyRefusal(await generated({ passphrase: 'x' }), { passphrase: new Secret('y') });
  },
  async 'key-public'() {
    return keyRefusal(new Secret((await signerNamed('a')).keys[0].armor));
  },
  async 'key-of-the-future'() {
    return keyRefusal(await keyNamed('a'), { date: new Date(keyDate.getTime() - 1000) });
  },
  async 'signed-by-another'() {
    const { production, signature } = await releasedWithSignature();
    const sums = await bytesOf(production, signature.replace(/\.[0-9A-F]{16}\.sig$/, ''));
    await put(production, signature, await (await signerNamed('c')).sign(sums));
    return findingsIn(storeReader(production));
  },
  async 'signature-gone'() {
    const { staging, archives, production, signature } = await releasedWithSignature();
    await production.delete(signature);
    return refusal(() => promote(staging, production, archives));
  },
  async resigned() {
    const { production, archives } = await releasedWithSignature();
    const signer = await signerNamed('c');
    return describePlan(await planResign(registry(production), archives.version, { signer })).join(
      '\n',
    );
  },
};

async function keyRefusal(key: Secret, options: { passphrase?: Secret; date?: Date } = {}) {
  // As the steps say it.
  const unlocking = `set ${variable}_PASSPHRASE to the passphrase of this key`;
  return refusal(() =>
    openPgpSigner(key, { date: signingDate, where: variable, unlocking, ...options }),
  );
}
