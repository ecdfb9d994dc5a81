import { TerraformRegistryError } from '../error.js';
import { platformOf, type NamedPlatform, type Platform } from '../platform.js';
import { quoted } from '../quoted.js';
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

/**
 * What a document of somebody else says, by the rules of Terraform: each is a version, and it must know one of them.
 * None at all is fine.
 */
export const foreignProtocolsOf: Reader<readonly string[]> = (value, where) => {
  const protocols = listOf(textOf('a protocol such as "6.0"', isDotted))(value, where);
  if (protocols.length === 0 || protocols.some(isProtocol)) return protocols;
  throw invalid(
    where,
    `expected a protocol that Terraform speaks, 5 or 6, found ${protocols.map(quoted).join(', ')}`,
  );
};

function isDotted(text: string): text is string {
  return /^(?:0|[1-9]\d{0,8})(?:\.(?:0|[1-9]\d{0,8})){0,2}$/.test(text);
}

/** An address that Terraform asks for: of another scheme it takes none. */
export const addressOf = textOf(
  'an address of http or https, or a relative one',
  (text): text is string => {
    const base = 'https://registry.invalid/';
    return URL.canParse(text, base) && /^https?:$/.test(new URL(text, base).protocol);
  },
);

/** `{"os":…,"arch":…}` */
export const platformObject: Reader<Platform> = (value, where) => {
  const object = objectOf(value, where);
  const [os, arch] = ['os', 'arch'].map((name) => member(object, name, stringOf, where));
  return platformFrom(os ?? '', arch ?? '', where);
};

const namedWord = textOf('a word such as "linux" or "amd64"', (text): text is string =>
  /^[a-z0-9]{1,32}$/.test(text),
);

/** The same as somebody else named it. */
export const namedPlatform: Reader<NamedPlatform> = (value, where) => {
  const object = objectOf(value, where);
  return {
    os: member(object, 'os', namedWord, where),
    arch: member(object, 'arch', namedWord, where),
  };
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
