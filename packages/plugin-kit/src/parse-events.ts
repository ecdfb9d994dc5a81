import { type AccessRequestEvent, parseEvent } from './access-request.js';
import { messageOf, PluginError } from './error.js';

/** What one request to `POST /events` held. */
export interface EventBatch {
  /** The events about access requests, in their order. */
  readonly picked: readonly AccessRequestEvent[];
  /** How many others there were. */
  readonly ignored: number;
}

/**
 * Reads a request body: one event as the Teleport event handler posts it, an array of them, or one
 * per line, as Fluentd's `out_http` forwards what it got from the event handler.
 *
 * @throws PluginError event-invalid, naming the event or the line; one bad event refuses all
 */
export function parseEvents(body: Uint8Array): EventBatch {
  const events = parseBody(decode(body)).map(({ value, where }) => parseEvent(value, where));
  const picked = events.filter((event) => event !== undefined);
  return { picked, ignored: events.length - picked.length };
}

interface Located {
  readonly value: unknown;
  readonly where: string;
}

function parseBody(text: string): readonly Located[] {
  if (text.trim() === '')
    throw new PluginError('event-invalid', 'the body is empty: expected events as JSON');
  const whole = tryParse(text);
  if (!('error' in whole)) {
    return Array.isArray(whole.value)
      ? whole.value.map((value: unknown, index) => ({ value, where: `event ${index + 1}` }))
      : [{ value: whole.value, where: 'event 1' }];
  }
  return parseLines(text);
}

function parseLines(text: string): readonly Located[] {
  const lines = text.split('\n').map((line, index) => ({ line, where: `line ${index + 1}` }));
  return lines
    .filter(({ line }) => line.trim() !== '')
    .map(({ line, where }) => {
      const parsed = tryParse(line);
      if ('error' in parsed) {
        const message = `${where}: not JSON: ${messageOf(parsed.error)}`;
        throw new PluginError('event-invalid', message, { cause: parsed.error });
      }
      return { value: parsed.value, where };
    });
}

function tryParse(text: string): { readonly value: unknown } | { readonly error: unknown } {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    return { error };
  }
}

function decode(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch (error) {
    throw new PluginError('event-invalid', 'the body is not UTF-8', { cause: error });
  }
}
