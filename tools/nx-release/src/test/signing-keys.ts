import { Secret } from '@teleport-plugins/secrets';
import { throwawayKey } from '@teleport-plugins/terraform-registry';

let kept: Promise<readonly [Secret, Secret]> | undefined;

/** The keys that `production` of a workspace with a provider names, made once for all tests of a file. */
export async function signingKeys(): Promise<
  Readonly<Record<'STAGING_KEY' | 'PRODUCTION_KEY', string>>
> {
  const make = () => throwawayKey(new Date('2025-01-01T00:00:00Z'), { bits: 2048 });
  kept ??= Promise.all([make(), make()]);
  const [staging, production] = await kept;
  return { STAGING_KEY: staging.reveal(), PRODUCTION_KEY: production.reveal() };
}

/** A key that does not open without its passphrase. */
export async function lockedKey(): Promise<string> {
  const passphrase = new Secret('open sesame');
  const options = { bits: 2048, passphrase };
  return (await throwawayKey(new Date('2025-01-01T00:00:00Z'), options)).reveal();
}
