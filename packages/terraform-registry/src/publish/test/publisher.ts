/**
 * A publisher that is a process of its own: `<place of the registry> <file of the key> <scratch folder>
 * <version>…` publishes versions one after the other.
 */
import { mkdtemp, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { Secret } from '@teleport-plugins/secrets';

import { isProtocol } from '../../documents/readers.js';
import { openPgpSigner } from '../../signing/open-pgp-signer.js';
import { signingDate } from '../../test/keys.js';
import { releaseOf } from '../../test/release-archives.js';
import { applyPublish } from '../apply.js';
import { planPublish } from '../plan.js';
import { openPlace } from './place.js';

const [place = '', key = '', scratch = '', ...versions] = process.argv.slice(2);
const registry = {
  store: openPlace(place),
  address: { namespace: 'gravitational', type: 'teleport' },
};
const armored = new Secret(await readFile(key, 'utf8'));
const signer = await openPgpSigner(armored, { date: signingDate, where: key });

for (const version of versions) {
  const archives = await releaseOf(version, { platforms: ['linux_amd64'] });
  const scratchDirectory = await mkdtemp(join(scratch, 'publisher-'));
  const protocols = ['6.0'].filter((text) => isProtocol(text));
  const request = { archives, signer, protocols, scratchDirectory };
  await applyPublish(await planPublish(registry, request), { at: signingDate });
}
