type Bytes = AsyncIterable<Uint8Array>;

/** The body of an answer, as Node has it: whoever does not read it to its end gives up the connection. */
export interface Body extends Bytes {
  destroy(): void;
}

/** The first bytes of a body, at most so many; the rest is not waited for. */
export async function firstBytes(body: Bytes, length: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let left = length;
  for await (const piece of body) {
    pieces.push(piece.subarray(0, left));
    // Not before there is more than wanted: a body that is read to its end leaves the connection in use.
    if (piece.byteLength > left) break;
    left -= piece.byteLength;
  }
  return Buffer.concat(pieces);
}

/** A body without its first bytes. */
export async function* skipping(body: Bytes, count: number): Bytes {
  let left = count;
  for await (const piece of body) {
    const wanted = piece.subarray(Math.min(left, piece.byteLength));
    left -= piece.byteLength - wanted.byteLength;
    if (wanted.byteLength > 0) yield wanted;
  }
}

/** A body whose failures are told in other words. */
export async function* breaking(body: Bytes, explain: (error: unknown) => unknown): Bytes {
  try {
    yield* body;
  } catch (error) {
    throw explain(error);
  }
}

/** What Node throws for a body that ends before its time, for one that it does not know to. */
export function cutShort(): Error {
  return Object.assign(new Error('the answer ended early'), { code: 'ECONNRESET' });
}
