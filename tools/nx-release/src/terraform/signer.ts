import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import type { SigningKey, TerraformRole } from '@teleport-plugins/release';
import { Secret } from '@teleport-plugins/secrets';
import {
  openPgpSigner,
  remoteSigner,
  signedByBoth,
  TerraformRegistryError,
  type Signer,
} from '@teleport-plugins/terraform-registry';

import { StepError } from '../error.js';
import { readCommitDate } from '../sources/git.js';
import { sourceDate } from '../sources/provenance.js';
import type { ProviderStep } from '../step/step.js';
import { digestSigner } from './digest-signer.js';
import { settingsOf } from './registries.js';
import { keptThrowawayKey } from './throwaway-key.js';

/**
 * What signs in a Terraform registry of the environment: the key that it names, or two for a rotation. Keys
 * are read now, and not before. Throws StepError `key-missing`, and what `openPgpSigner` and `remoteSigner` throw.
 */
export async function openSigner(step: ProviderStep, role: TerraformRole): Promise<Signer> {
  const signers: Signer[] = [];
  const released = await dateOfRelease(step);
  for (const key of settingsOf(step, role).signingKeys) {
    signers.push(await signerOf(step, role, key, released));
  }
  return signers.reduce(signedByBoth);
}

/** That of its commit, which is the same on all machines. */
async function dateOfRelease({ host, run, selection }: ProviderStep): Promise<Date | undefined> {
  const { releaseTag: tag, isTree } = selection;
  return (
    sourceDate(host.env.SOURCE_DATE_EPOCH) ??
    (await readCommitDate(run, { tag })) ??
    (isTree ? readCommitDate(run, 'HEAD') : undefined)
  );
}

/** An armor, its passphrase, and where it is from, for messages. */
interface KeyMaterial {
  readonly armor: Secret;
  readonly passphrase?: Secret;
  readonly unlocking?: string;
  readonly where: string;
}

/**
 * A signature has the date of the release, so that it is the same whoever makes it; a key that was not valid
 * then signs as of now. That it is valid now is seen to in both cases.
 */
async function signerOf(
  step: ProviderStep,
  role: TerraformRole,
  key: SigningKey,
  released: Date | undefined,
): Promise<Signer> {
  const open = await openingOf(step, role, key);
  const now = step.host.now();
  const today = await open(now);
  if (released === undefined || released > now) return today;
  try {
    return await open(released);
  } catch (error) {
    if (error instanceof TerraformRegistryError && error.code === 'key-refused') return today;
    throw error;
  }
}

/** A signer whose signatures have this date. */
type Opening = (date: Date) => Promise<Signer>;

async function openingOf(
  step: ProviderStep,
  role: TerraformRole,
  key: SigningKey,
): Promise<Opening> {
  if (key.kind === 'program') {
    const path = resolve(step.workspaceRoot, key.publicKey);
    const publicKeyArmor = await armorIn(step, role, path);
    const signDigest = digestSigner(step.run, key.command);
    return (date) => remoteSigner({ publicKeyArmor, signDigest, date, where: key.publicKey });
  }
  const { armor, ...options } = await materialOf(step, role, key);
  return (date) => openPgpSigner(armor, { ...options, date });
}

async function materialOf(
  step: ProviderStep,
  role: TerraformRole,
  key: Exclude<SigningKey, { readonly kind: 'program' }>,
): Promise<KeyMaterial> {
  if (key.kind === 'throwaway') {
    const where = `the throwaway key of ${step.environment.name} ${role}`;
    return { armor: await keptThrowawayKey(step, role), where };
  }
  const passphrase = secretOf(step, key.passphraseVariable);
  const opened = {
    ...(passphrase !== undefined && { passphrase }),
    unlocking: unlockingOf(step, role, key.passphraseVariable),
  };
  if (key.kind === 'file') {
    const armor = new Secret(await armorIn(step, role, key.path));
    return { ...opened, armor, where: key.path };
  }
  const armor = secretOf(step, key.variable);
  if (armor !== undefined) return { ...opened, armor, where: key.variable };
  throw missing(step, role, `the variable ${key.variable} is not set`);
}

async function armorIn(step: ProviderStep, role: TerraformRole, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw missing(step, role, `${path} cannot be read: ${(cause as Error).message}`, cause);
  }
}

function unlockingOf(
  { environment }: ProviderStep,
  role: TerraformRole,
  variable: string | undefined,
): string {
  if (variable !== undefined) return `set ${variable} to the passphrase of this key`;
  return `name the variable that has its passphrase, as "passphraseVariable" of this key in environments.${environment.name}.terraform.${role}.signingKeys of release.config.json`;
}

function secretOf({ host }: ProviderStep, variable: string | undefined): Secret | undefined {
  const value = variable === undefined ? undefined : host.env[variable];
  return value === undefined || value === '' ? undefined : new Secret(value);
}

function missing(
  { environment }: ProviderStep,
  role: TerraformRole,
  what: string,
  cause?: unknown,
): StepError {
  return new StepError(
    'key-missing',
    `${environment.name} signs in the Terraform registry of ${role} with a key that is not there: ${what}; provide it as environments.${environment.name}.terraform.${role}.signingKeys of release.config.json says`,
    cause === undefined ? {} : { cause },
  );
}
