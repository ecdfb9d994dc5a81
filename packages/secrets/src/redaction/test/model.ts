import { formsOf } from '../forms.js';

/**
 * What a stream's whole output is, worked out slowly: every window of every form is looked for everywhere, each byte
 * that is in one is covered, and each covered part of a line is a mask.
 */
export function modelOf(secrets: readonly string[], bytes: Uint8Array): Buffer {
  const isCovered = new Uint8Array(bytes.length);
  for (const window of windowsOf(secrets)) {
    for (let at = 0; at + window.length <= bytes.length; at++) {
      if (window.equals(bytes.subarray(at, at + window.length))) {
        isCovered.fill(1, at, at + window.length);
      }
    }
  }
  const output: string[] = [];
  let isMasked = false;
  for (const [at, byte] of bytes.entries()) {
    const character = String.fromCharCode(byte);
    const isSecret = isCovered[at] === 1 && character !== '\n' && character !== '\r';
    if (!isSecret) output.push(character);
    else if (!isMasked) output.push('***');
    isMasked = isSecret;
  }
  return Buffer.from(output.join(''), 'latin1');
}

/** Each once. */
function windowsOf(secrets: readonly string[]): readonly Buffer[] {
  const windows = new Set<string>();
  for (const { text, window } of secrets.flatMap((secret) => [...formsOf(secret)])) {
    const form = Buffer.from(text).toString('latin1');
    for (let at = 0; at + window <= form.length; at++) windows.add(form.slice(at, at + window));
  }
  return [...windows].map((window) => Buffer.from(window, 'latin1'));
}

/** How many bytes at the end of others begin a window and are not all of it. */
export function begunAtEndOf(bytes: Uint8Array, secrets: readonly string[]): number {
  const begun = windowsOf(secrets).flatMap((window) => {
    for (let length = Math.min(window.length - 1, bytes.length); length > 0; length--) {
      if (window.subarray(0, length).equals(bytes.subarray(bytes.length - length))) return [length];
    }
    return [];
  });
  return Math.max(0, ...begun);
}
