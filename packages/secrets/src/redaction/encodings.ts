/**
 * Bytes in base64, as they appear in whatever they are a part of: at each of the three alignments, the
 * characters that these bytes alone determine, in the standard and in the URL alphabet.
 * https://www.rfc-editor.org/rfc/rfc4648#section-4
 */
export function base64Forms(bytes: Uint8Array): readonly string[] {
  return [0, 1, 2].flatMap((before) => {
    const placed = Buffer.concat([new Uint8Array(before), bytes]);
    const first = Math.ceil((before * 8) / bitsPerCharacter);
    const end = Math.floor((placed.length * 8) / bitsPerCharacter);
    const form = placed.toString('base64').slice(first, end);
    return [form, form.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

const bitsPerCharacter = 6;

/** Bytes in hexadecimal digits. */
export function hexForms(bytes: Uint8Array): readonly string[] {
  const lower = Buffer.from(bytes).toString('hex');
  return [lower, lower.toUpperCase()];
}

/**
 * The end of an encoded text that is printed in lines of so many characters, when its last line alone is too
 * short to be known as a part of it: with the end of the line before.
 */
export function wrappedEnds(form: string, columns: number, shortest: number): readonly string[] {
  const lastLine = form.length - (form.length % columns);
  const rest = form.slice(lastLine);
  if (lastLine === 0 || rest === '' || rest.length >= shortest) return [];
  const before = form.slice(lastLine - shortest, lastLine);
  return [`${before}\n${rest}`, `${before}\r\n${rest}`];
}
