import type { Secret } from '@teleport-plugins/secrets';

/** Only so much of a foreign text is looked at. */
const longest = 2000;

/** Stands for one character of a secret until the text is cut, so that no other part of it moves up. */
const filler = '\uffff';

/** The beginning of a foreign text, without what was sent to whoever wrote it, in any form it may be repeated in. */
export function masked(text: string, sent: readonly Secret[]): string {
  const forms = sent.flatMap((secret) => formsOf(secret.reveal())).flatMap(spellings);
  // The longest first: others are parts of it.
  const filled = forms
    .filter((form) => form !== '')
    .sort((a, b) => b.length - a.length)
    .reduce((rest, form) => rest.replaceAll(form, filler.repeat(form.length)), text);
  return filled.slice(0, longest).replace(/\uffff+/g, '[secret]');
}

/**
 * One line of a foreign text without what are credentials by their form, whoever they belong to: queries,
 * fragments and users of addresses (they hold signatures and tokens), and what follows `Basic` or `Bearer`.
 */
export function withoutCredentials(line: string): string {
  return line
    .replace(/(:\/\/)[^\s/?#@"<>]*@/g, '$1')
    .replace(/(:\/\/[^\s?#"<>]*[?#])[^\s"<>]+/g, '$1…')
    .replace(/\?[^\s"<>=]*=[^\s"<>]*/g, '?…')
    .replace(
      /\b(basic|bearer)([ :=]+)(?!(?:auth|authentication|authorization|token|realm)\b)[^\s"<>]+/gi,
      '$1$2[secret]',
    );
}

/** The value of an Authorization header or a token, and what it is made of. */
function formsOf(secret: string): readonly string[] {
  const [, scheme = '', token = ''] = /^(basic|bearer) (.*)$/is.exec(secret) ?? [];
  if (scheme.toLowerCase() !== 'basic') return [secret, token];
  const pair = Buffer.from(token, 'base64').toString();
  return [secret, token, pair, pair.slice(pair.indexOf(':') + 1)];
}

/** As it is, in JSON, in an address and in a form. */
function spellings(text: string): readonly string[] {
  const form = new URLSearchParams([['', text]]).toString().slice(1);
  return [text, JSON.stringify(text).slice(1, -1), encodeURIComponent(wellFormed(text)), form];
}

/** A lone surrogate is no character, and is sent as this. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}
