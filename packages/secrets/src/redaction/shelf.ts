import type { Form } from './forms.js';

/**
 * Forms that are not in the index yet. To put them there takes its time; that a line has nothing of them is found out
 * without, by searches that the system does.
 */
export interface Shelf {
  /** The form's window has `shortestWindow` bytes or more. */
  put(form: Form): void;
  take(): Form | undefined;
  /** Whether it is certain that no window of these forms is in a text. Of long texts, and of more than a few, nothing is. */
  isForeign(bytes: Uint8Array): boolean;
}

/** In bytes: of so many a search is for. */
const block = 8;

/** In bytes. With shorter ones there would be a search for each byte or two of a text. */
export const shortestWindow = block + 4;

/** In bytes, of a text and of all forms: beyond them the forms are learned in the time that searches take. */
const [longestText, largestShelf] = [512, 2 ** 18];

/** How many texts are searched before it would have been better to learn. */
const patience = 8;

export function shelf(): Shelf {
  const forms: Form[] = [];
  let all: Buffer | undefined;
  let [shortest, size, searched] = [Infinity, 0, 0];

  function bytesOfAll(): Buffer {
    return (all ??= Buffer.from(forms.map(({ text }) => text).join('\0')));
  }

  return {
    put(form) {
      forms.push(form);
      shortest = Math.min(shortest, form.window);
      size += form.size;
      all = undefined;
    },

    take() {
      const form = forms.pop();
      size -= form?.size ?? 0;
      if (forms.length === 0) {
        all = undefined;
        searched = 0;
      }
      return form;
    },

    isForeign(bytes) {
      if (forms.length === 0) return true;
      if (bytes.length > longestText || size > largestShelf || searched === patience) return false;
      searched++;
      const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
      // Wherever a window begins, one of these blocks is in it.
      for (let at = 0; at + block <= text.length; at += shortest - block + 1) {
        if (bytesOfAll().includes(text.subarray(at, at + block))) return false;
      }
      return true;
    },
  };
}
