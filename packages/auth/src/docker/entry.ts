import type { Credential } from '@teleport-plugins/registry';
import { Secret } from '@teleport-plugins/secrets';

import { fault, member, stringOf, within, type JsonObject, type Place } from './json.js';

/**
 * The credential in an entry of `auths`. Docker leaves an empty entry for what its credential store has:
 * none. Beside a token, `auth` holds a user name that serves for nothing.
 * https://github.com/docker/cli/blob/v28.0.0/cli/config/types/authconfig.go
 */
export function credentialOf(entry: JsonObject, place: Place): Credential | undefined {
  const text = (name: string) => member(entry, name, stringOf, place) ?? '';
  const registryToken = text('registrytoken');
  if (registryToken !== '') return { kind: 'bearer', token: new Secret(registryToken) };
  const identityToken = text('identitytoken');
  if (identityToken !== '') return { kind: 'identity', token: new Secret(identityToken) };

  const auth = text('auth');
  if (auth !== '') return decoded(auth, within(place, 'auth'));
  const username = text('username');
  const password = text('password');
  if (username === '' && password === '') return undefined;
  if (username === '' || password === '') {
    throw fault(place, 'of username and password one is missing; log in again');
  }
  return { kind: 'basic', username, password: new Secret(password) };
}

/** base64 of `user:password`; the password may hold colons. */
function decoded(auth: string, place: Place): Credential {
  const text = fromBase64(auth.replace(/[\r\n]/g, ''));
  const colon = text?.indexOf(':') ?? -1;
  const username = text?.slice(0, colon) ?? '';
  // Docker once filled up what it encoded with NUL, and readers cut that off since then.
  const password = text?.slice(colon + 1).replace(/^\0+|\0+$/g, '') ?? '';
  if (colon < 1 || password === '') {
    throw fault(place, 'expected base64 of user:password, found other text; log in again');
  }
  return { kind: 'basic', username, password: new Secret(password) };
}

function fromBase64(text: string): string | undefined {
  const bytes = Buffer.from(text, 'base64');
  // Buffer takes anything for base64.
  if (bytes.toString('base64') !== text) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
