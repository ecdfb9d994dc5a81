import type { Secret } from '../secret.js';
import { beginnings } from './beginnings.js';
import { formIndex } from './form-index.js';
import { formsOf, type Form } from './forms.js';
import { redactedStream, type RedactedStream } from './redacted-stream.js';
import { shelf, shortestWindow } from './shelf.js';

/** Knows secrets, and masks them: each becomes `***`, and so do several that touch each other. */
export interface Redactor {
  /**
   * From now on the secret is masked, in streams that are open, too: as it is, line by line, in base64, in
   * hexadecimal digits, in addresses and as strings are quoted. README.md says which forms exactly.
   *
   * @returns false for a text of one to three characters (without blanks around it), which is not masked
   */
  add(secret: Secret): boolean;
  /**
   * Does a part of what it takes to know the secrets, in about a millisecond, while nothing else is to be done; what
   * of it is left when something has to be masked is done before that.
   *
   * @returns false when nothing is left
   */
  learn(): boolean;
  /** For the bytes of one stream: each of stdout and stderr has its own. */
  stream(): RedactedStream;
  /** A whole text, such as a line to print. */
  redact(text: string): string;
}

/** In bytes of forms: so many are learned in about a millisecond, and several times as many are made. */
const portion = { learned: 1024, made: 8192 };

export function redactor(): Redactor {
  const [index, starts, unlearned] = [formIndex(), beginnings(), shelf()];
  const known = new Set<string>();
  /** Of each secret the forms that are not made yet. */
  const waiting: Iterator<Form, void>[] = [];

  function learnForm(form: Form): void {
    starts.add(form);
    if (form.window < shortestWindow) index.add(form);
    else unlearned.put(form);
  }

  /** Makes forms; `false` when all are made. */
  function makeSome(): boolean {
    for (let made = 0; made < portion.made;) {
      const next = waiting[0]?.next();
      if (next === undefined) return false;
      if (next.done === true) {
        waiting.shift();
      } else {
        learnForm(next.value);
        made += next.value.size;
      }
    }
    return true;
  }

  /** Learns where forms are, and leaves how they begin: whole lines are masked without that. */
  function learnSome(): boolean {
    for (let learned = 0; learned < portion.learned;) {
      const form = unlearned.take();
      if (form === undefined) return false;
      index.add(form);
      learned += form.size;
    }
    return true;
  }

  function makeAll(): void {
    while (makeSome());
  }

  const stream = () =>
    redactedStream({
      find(bytes) {
        makeAll();
        if (!unlearned.isForeign(bytes)) while (learnSome());
        return index.find(bytes);
      },
      heldBack(bytes) {
        makeAll();
        return starts.atEndOf(bytes);
      },
    });

  return {
    add(secret) {
      const text = secret.reveal();
      if (known.has(text)) return true;
      const forms = formsOf(text);
      const first = forms.next();
      if (first.done === true) return text.trim() === '';
      known.add(text);
      learnForm(first.value);
      waiting.push(forms);
      return true;
    },
    learn: () => makeSome() || learnSome() || starts.learn(),
    stream,
    redact(text) {
      const whole = stream();
      return Buffer.concat([whole.write(Buffer.from(text)), whole.end()]).toString();
    },
  };
}
