import type { Secret } from '../secret.js';
import { beginnings } from './beginnings.js';
import { formIndex } from './form-index.js';
import { formsOf } from './forms.js';
import { redactedStream, type RedactedStream } from './redacted-stream.js';

/** Knows secrets, and masks them: each becomes `***`, and so do several that touch each other. */
export interface Redactor {
  /**
   * From now on the secret is masked, in streams that are open, too: as it is, line by line, in base64, in
   * hexadecimal digits, in addresses and as strings are quoted. README.md says which forms exactly.
   *
   * @returns false for a text of less than four characters (without blanks around it), which is not masked
   */
  add(secret: Secret): boolean;
  /** For the bytes of one stream: each of stdout and stderr has its own. */
  stream(): RedactedStream;
  /** A whole text, such as a line to print. */
  redact(text: string): string;
}

export function redactor(): Redactor {
  const [index, starts] = [formIndex(), beginnings()];
  const known = new Set<string>();
  const stream = () =>
    redactedStream({
      find: (bytes) => index.find(bytes),
      heldBack: (bytes) => starts.atEndOf(bytes),
    });

  return {
    add(secret) {
      const text = secret.reveal();
      if (known.has(text)) return true;
      const forms = formsOf(text);
      for (const form of forms) {
        index.add(form);
        starts.add(form);
      }
      if (forms.length > 0) known.add(text);
      return forms.length > 0;
    },
    stream,
    redact(text) {
      const whole = stream();
      return Buffer.concat([whole.write(Buffer.from(text)), whole.end()]).toString();
    },
  };
}
