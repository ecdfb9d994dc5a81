import { TerraformRegistryError } from '../error.js';
import { platformOf, type Platform } from '../platform.js';
import { isH1 } from '../repack/h1.js';
import { isSha256 } from '../sha256.js';
import { isVersion } from '../version.js';
import { invalid, listOf, member, objectOf, stringOf, textOf, type Reader } from './json.js';

declare const protocol: unique symbol;

/** A version of the protocol between Terraform and providers, `6` or `6.0`. */
export type Protocol = string & { readonly [protocol]: true };

/** Terraform of today speaks 5 and 6. */
export function isProtocol(text: string): text is Protocol {
  return /^[56](?:\.(?:0|[1-9]\d{0,2}))?$/.test(text);
}

export const versionOf = textOf('a semantic version without "v" and build metadata', isVersion);
export const sha256Text = textOf('64 lower-case hexadecimal digits', isSha256);
export const h1Text = textOf('"h1:" and a hash', isH1);

const protocolOf = textOf('a protocol such as "6.0"', isProtocol);

export const protocolsOf: Reader<readonly Protocol[]> = (value, where) => {
  const protocols = listOf(protocolOf)(value, where);
  if (protocols.length === 0) throw invalid(where, 'is empty; Terraform would find no protocol');
  return protocols;
};

/** `{"os":…,"arch":…}` */
export const platformObject: Reader<Platform> = (value, where) => {
  const object = objectOf(value, where);
  const [os, arch] = ['os', 'arch'].map((name) => member(object, name, stringOf, where));
  return platformFrom(os ?? '', arch ?? '', where);
};

/** `linux_amd64` */
export const platformText: Reader<Platform> = (value, where) => {
  const [os = '', arch = '', ...more] = stringOf(value, where).split('_');
  return platformFrom(os, more.length === 0 ? arch : '', where);
};

function platformFrom(os: string, arch: string, where: string): Platform {
  try {
    return platformOf(os, arch, where);
  } catch (error) {
    if (!(error instanceof TerraformRegistryError)) throw error;
    throw new TerraformRegistryError('document-invalid', error.message, { cause: error });
  }
}
