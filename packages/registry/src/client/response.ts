import type { Content } from '@teleport-plugins/oci';
import type { Secret } from '@teleport-plugins/secrets';
import type { Dispatcher } from 'undici';

export interface HttpResponse {
  readonly status: number;
  /** Where the answer came from. */
  readonly url: URL;
  /** The Authorization that was sent for it, there. */
  readonly authorization: Secret | undefined;
  /** The value of a header, by lower-case name. */
  header(name: string): string | undefined;
  /** All values of a header that may occur more than once. */
  headers(name: string): readonly string[];
  /** To be read once, or discarded. Its failures are RegistryErrors. */
  readonly body: Content;
  /** The beginning of the body, as text; can be asked again. */
  excerpt(): Promise<string>;
  /** Gives up the body. */
  discard(): Promise<void>;
}

const excerptLimit = 64 * 1024;

/** An answer of the HTTP client, with its body counted, and `failure` to make what reading that fails with. */
export function received(
  { statusCode, headers, body }: Dispatcher.ResponseData,
  context: {
    readonly url: URL;
    readonly authorization: Secret | undefined;
    readonly traffic: { bytesReceived: number };
    readonly failure: (error: unknown) => unknown;
  },
): HttpResponse {
  const valuesOf = (name: string): readonly string[] => {
    const value = headers[name];
    return value === undefined ? [] : Array.isArray(value) ? value : [value];
  };
  async function* pieces(): Content {
    try {
      for await (const piece of body as AsyncIterable<Uint8Array>) {
        context.traffic.bytesReceived += piece.byteLength;
        yield piece;
      }
    } catch (error) {
      throw context.failure(error);
    }
  }
  // A body that breaks before somebody reads it must not end the process; its reader is told.
  body.on('error', () => undefined);
  const content = pieces();
  let excerpt: Promise<string> | undefined;
  return {
    status: statusCode,
    url: context.url,
    authorization: context.authorization,
    header: (name) => valuesOf(name)[0],
    headers: valuesOf,
    body: content,
    excerpt: () => (excerpt ??= beginningOf(content)),
    // Reads a little, so that the connection can be used again, or cuts it.
    discard: () => body.dump({ limit: excerptLimit }).catch(() => undefined),
  };
}

async function beginningOf(content: Content): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  try {
    for await (const piece of content) {
      text += decoder.decode(piece, { stream: true });
      if (text.length >= excerptLimit) break;
    }
  } catch {
    // What has arrived is what there is to tell.
  }
  return text.slice(0, excerptLimit);
}
