import { base64Forms, hexForms, wrappedEnds } from './encodings.js';
import { escapedForms } from './escapes.js';

/** Masked wherever `window` bytes of it follow each other; what is masked as a whole only is one window. */
export interface Form {
  readonly text: string;
  /** Of the text in UTF-8, in bytes. */
  readonly size: number;
  readonly window: number;
}

/** In characters, and in bytes of a form: what is shorter is a part of too many other texts. */
const shortestForm = 4;

/** In bytes. Of nothing more has to be seen before it is known whether it is masked. */
const longestWindow = 64;

/**
 * All forms in which a secret is masked, each once; none for a text that is too short. No form begins with the end of a
 * line, and few hold one: a line that has ended can be written at once.
 */
export function* formsOf(secret: string): Generator<Form, void> {
  const known = new Set<string>();
  for (const { text, window } of spellingsOf(secret)) {
    const size = Buffer.byteLength(text);
    const fitting = Math.min(window, size);
    const key = `${fitting} ${text}`;
    if (size < shortestForm || known.has(key)) continue;
    known.add(key);
    yield { text, size, window: fitting };
  }
}

function* spellingsOf(secret: string): Generator<Spelling, void> {
  const text = secret.trim();
  if (text.length < shortestForm) return;
  const lines = text.split(lineEnd);
  if (lines.length === 1) {
    yield* textForms(text);
    yield* encodedForms(text);
  }
  // One after the other: a key has hundreds of lines, and not all of their forms are asked for at once.
  else {
    for (const line of lines) yield* lineForms(line);
    for (const passage of passages(lines)) yield* passageForms(passage, text);
  }
}

/** In bytes: so much of a long text, or of a line of one, is masked, too. */
const textWindow = 32;

/** In bytes of a form. Encoded texts are printed in lines, too. */
const encodedWindow = 16;

const lineEnd = /\r\n|\n|\r/;

/**
 * Around keys: the same in all of them, https://www.rfc-editor.org/rfc/rfc7468#section-2, and a checksum,
 * https://www.rfc-editor.org/rfc/rfc4880#section-6.1
 */
const armor = /^(?:-----(?:BEGIN|END) [^-]+-----|=[\w+/]{4})$/;

/** A form that may be shorter than its window, or the same as another. */
interface Spelling {
  readonly text: string;
  readonly window: number;
}

function textForms(text: string): readonly Spelling[] {
  return [text, ...escapedForms(text)].map((form) => ({
    text: form,
    window: Buffer.byteLength(form) <= longestWindow ? longestWindow : textWindow,
  }));
}

function lineForms(line: string): readonly Spelling[] {
  const text = line.trim();
  if (text.length < shortestForm || armor.test(text)) return [];
  const forms = [text, ...escapedForms(text)].map((form) => ({ text: form, window: textWindow }));
  // A longer line is found as a part of its passage.
  return text.length < encodedWindow ? [...forms, ...encodedForms(text)] : forms;
}

/** The lines between those of armor. */
function passages(lines: readonly string[]): readonly (readonly string[])[] {
  const all: string[][] = [[]];
  for (const line of lines) {
    if (armor.test(line.trim())) all.push([]);
    else all.at(-1)?.push(line);
  }
  return all;
}

/** @param whole the text that the lines are of */
function passageForms(lines: readonly string[], whole: string): readonly Spelling[] {
  return ['\n', '\r\n'].flatMap((end) => {
    const text = lines.join(end).trim();
    if (text.length < shortestForm) return [];
    // Escapes of a long one are those of its lines, and what is between them is no secret.
    if (Buffer.byteLength(text) <= longestWindow)
      return [...textForms(text), ...encodedForms(text)];
    // It is the most to learn, and no tool is known that changes line ends before it encodes, but into its own.
    return end === '\n' || whole.includes(end) ? encodedForms(text) : [];
  });
}

function encodedForms(text: string): readonly Spelling[] {
  const bytes = Buffer.from(text);
  const [base64, hex] = [base64Forms(bytes), hexForms(bytes)];
  return [
    ...[...base64, ...hex].map((form) => ({ text: form, window: encodedWindow })),
    ...[
      ...base64
        .slice(0, 2)
        .flatMap((form) => [
          ...wrappedEnds(form, 64, encodedWindow),
          ...wrappedEnds(form, 76, encodedWindow),
        ]),
      ...hex.flatMap((form) => wrappedEnds(form, 60, encodedWindow)),
    ].map((form) => ({ text: form, window: longestWindow })),
  ];
}
