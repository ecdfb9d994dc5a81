import { Secret } from '@teleport-plugins/secrets';

import { openPgp, openPgpConfig } from './openpgp.js';

/**
 * A new private key, in its armor, locked by a passphrase where one is given: for the `local` environment and for tests,
 * where nobody is to trust what it signs. `date` is when it begins to be valid.
 */
export async function throwawayKey(
  date: Date,
  { bits = 4096, passphrase }: { readonly bits?: number; readonly passphrase?: Secret } = {},
): Promise<Secret> {
  const { generateKey } = await openPgp();
  const { privateKey } = await generateKey({
    type: 'rsa',
    rsaBits: bits,
    userIDs: { name: 'Throwaway key of a local Terraform registry', email: 'nobody@example.com' },
    subkeys: [],
    date,
    ...(passphrase !== undefined && { passphrase: passphrase.reveal() }),
    format: 'armored',
    config: openPgpConfig,
  });
  return new Secret(privateKey.replaceAll('\r\n', '\n'));
}
