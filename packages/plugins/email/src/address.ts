import { domainToASCII } from 'node:url';

import type { ValueType } from '@teleport-plugins/plugin-kit';

/** An address with the name that mail programs show instead. */
export interface NamedAddress {
  readonly name: string;
  readonly address: string;
}

/**
 * One mail address: `alice@example.com`. What could end a header or an address early, or start
 * another one (quotes, comments, lists, groups), is not taken, though RFC 5322 has it.
 */
export const mailAddress: ValueType<string> = {
  expected: 'an e-mail address such as "alice@example.com"',
  parse: (value) => (typeof value === 'string' ? parseAddress(value) : undefined),
};

/** A mail address, or a name with the address in angle brackets. */
export const namedAddress: ValueType<NamedAddress> = {
  expected: 'an e-mail address such as "teleport@example.com" or "Teleport <teleport@example.com>"',
  parse: (value) => {
    if (typeof value !== 'string') return undefined;
    const [, name = '', bracketed] = /^([^<>\p{C}]*?) *<([^<>]*)>$/u.exec(value) ?? [];
    const address = parseAddress(bracketed ?? value);
    return address === undefined ? undefined : { name: name.replace(/^"(.*)"$/, '$1'), address };
  },
};

/** The domain of an address as headers and DNS have it, in ASCII. */
export function domainOf(address: string): string {
  return domainToASCII(address.slice(address.lastIndexOf('@') + 1));
}

function parseAddress(text: string): string | undefined {
  const match = /^([^\s@<>()[\]\\,;:"\p{C}]{1,64})@([\p{L}\p{N}.-]{1,253})$/u.exec(text);
  const [, local, domain = ''] = match ?? [];
  const labels = domain.split('.');
  const sound = labels.every((label) =>
    /^[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?$/u.test(label),
  );
  return local === undefined || !sound || domainToASCII(domain) === ''
    ? undefined
    : `${local}@${domain.toLowerCase()}`;
}
