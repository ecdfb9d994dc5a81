import { Secret } from '@teleport-plugins/secrets';

import { openPgp, openPgpConfig } from './openpgp.js';

/**
 * A new private key, in its armor and without a passphrase: for the `local` environment and for tests,
 * where nobody is to trust what it signs. `date` is when it begins to be valid.
 */
export async function throwawayKey(
  date: Date,
  { bits = 4096 }: { readonly bits?: number } = {},
): Promise<Secret> {
  const { generateKey } = await openPgp();
  const { privateKey } = await generateKey({
    type: 'rsa',
    rsaBits: bits,
    userIDs: { name: 'Throwaway key of a local Terraform registry', email: 'nobody@example.com' },
    subkeys: [],
    date,
    format: 'armored',
    config: openPgpConfig,
  });
  return new Secret(privateKey.replaceAll('\r\n', '\n'));
}
