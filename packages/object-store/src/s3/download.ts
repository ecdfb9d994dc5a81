/** The body of an answer, as Node has it. */
export type Body = AsyncIterable<Uint8Array>;

/** The first bytes of a body, at most so many; the rest is not waited for. */
export async function firstBytes(body: Body, length: number): Promise<Uint8Array> {
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
export async function* skipping(body: Body, count: number): Body {
  let left = count;
  for await (const piece of body) {
    const wanted = piece.subarray(Math.min(left, piece.byteLength));
    left -= piece.byteLength - wanted.byteLength;
    if (wanted.byteLength > 0) yield wanted;
  }
}

/** A body whose failures are told in other words. */
export async function* breaking(body: Body, explain: (error: unknown) => unknown): Body {
  try {
    yield* body;
  } catch (error) {
    throw explain(error);
  }
}

/** Gives up the rest of a body, and the connection with it. */
export async function stop(body: Body): Promise<void> {
  await body[Symbol.asyncIterator]().return?.();
}

/** What Node throws for a body that ends before its time, for one that it does not know to. */
export function cutShort(): Error {
  return Object.assign(new Error('the answer ended early'), { code: 'ECONNRESET' });
}
