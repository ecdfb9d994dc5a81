/** A text as JSON, JavaScript, addresses, shells and markup write it, where that may differ from the text. */
export function escapedForms(text: string): readonly string[] {
  // As most lines of keys are, which are the most to learn.
  if (/^[\w@%+=:,./-]*$/.test(text)) return percentEncoded(text);
  return [...inStrings(text), ...percentEncoded(text), ...inShells(text), ...inMarkup(text)];
}

/** https://www.rfc-editor.org/rfc/rfc8259#section-7 */
function inStrings(text: string): readonly string[] {
  const json = JSON.stringify(text).slice(1, -1);
  return [
    json,
    // Go's encoding/json, unless told otherwise.
    json.replace(/[<>&\u2028\u2029]/g, unicodeEscape),
    // Python's json.dumps, unless told otherwise.
    json.replace(/[^\0-\x7e]/g, unicodeEscape),
    // Between single quotes: JavaScript, Python, and the shell's $'…'.
    json.replaceAll('\\"', '"').replaceAll("'", "\\'"),
  ];
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Encoders differ in what they leave as it is, and in the case of digits. */
function percentEncoded(text: string): readonly string[] {
  // A lone surrogate is no character, and is sent as its replacement.
  const characters = Buffer.from(text).toString();
  const component = encodeURIComponent(characters);
  const strict = component.replace(/[!'()*]/g, percentEscape);
  const forms = new Set([
    component,
    // https://www.rfc-editor.org/rfc/rfc3986#section-2.3, and with the slashes of a path
    strict,
    strict.replaceAll('%2F', '/'),
    // https://url.spec.whatwg.org/#application-x-www-form-urlencoded-percent-encode-set
    component.replace(/[!'()~]/g, percentEscape).replaceAll('%20', '+'),
    encodeURI(characters),
  ]);
  return [...forms, ...[...forms].map(lowerCaseDigits)];
}

function percentEscape(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

function lowerCaseDigits(text: string): string {
  return text.replace(/%[\dA-F]{2}/g, (escape) => escape.toLowerCase());
}

/** https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02 */
function inShells(text: string): readonly string[] {
  return [
    text.replaceAll("'", "'\\''"),
    text.replaceAll("'", `'"'"'`),
    text.replace(/[$`"\\]/g, '\\$&'),
    // printf %q
    text.replace(/[^\w@%+=:,./\-\n]/g, '\\$&'),
  ];
}

function inMarkup(text: string): readonly string[] {
  const content = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const quoted = content.replaceAll('"', '&quot;');
  // The last are YAML and SQL.
  return [content, quoted, quoted.replaceAll("'", '&#39;'), text.replaceAll("'", "''")];
}
