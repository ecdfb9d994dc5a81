import { Secret } from '@teleport-plugins/secrets';

import type { EcrToken } from '../ecr/request-token.js';

/** A token as it is kept: the one place that writes one down. `key` says what it is for, and whose. */
export function formatToken(key: string, token: EcrToken): string {
  const { username, password, expiresAt } = token;
  const document = { schemaVersion, key, username, password: password.reveal(), expiresAt };
  return `${JSON.stringify(document)}\n`;
}

/** `undefined` for a text that `formatToken` does not write for that key. */
export function parseToken(key: string, text: string): EcrToken | undefined {
  const found = parse(text);
  if (found?.schemaVersion !== schemaVersion || found.key !== key) return undefined;
  const { username, password, expiresAt } = found;
  if (!isPlainText(username) || !isPlainText(password) || typeof expiresAt !== 'string') {
    return undefined;
  }
  const date = new Date(expiresAt);
  if (Number.isNaN(date.getTime()) || date.toISOString() !== expiresAt) return undefined;
  return { username, password: new Secret(password), expiresAt: date };
}

const schemaVersion = 1;

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return (JSON.parse(text) ?? undefined) as Readonly<Record<string, unknown>> | undefined;
  } catch {
    return undefined;
  }
}

/** What can stand in a header or in an answer of a credential helper. */
function isPlainText(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]+$/.test(value);
}
