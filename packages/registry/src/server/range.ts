/** Bytes of a blob, both ends inclusive. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * What a `Range` header asks for of `size` bytes: `undefined` for all of it, as when the header is none
 * that is understood. Several ranges at once are not: the whole is a correct answer to them.
 * https://www.rfc-editor.org/rfc/rfc9110#section-14.2
 */
export function parseRange(
  header: string | undefined,
  size: number,
): ByteRange | 'unsatisfiable' | undefined {
  const [, first = '', last = ''] = /^bytes=\s*([0-9]*)-([0-9]*)\s*$/i.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  if (first !== '' && last !== '' && Number(first) > Number(last)) return undefined;
  const start = first === '' ? Math.max(size - Number(last), 0) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  return start < size && start <= end ? { start, end } : 'unsatisfiable';
}

/**
 * The `Content-Range` of a chunk that is uploaded; `undefined` when it is none.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-a-blob-in-chunks
 */
export function parseChunkRange(header: string): ByteRange | undefined {
  const [, first, last] = /^([0-9]+)-([0-9]+)$/.exec(header) ?? [];
  const range = { start: Number(first), end: Number(last) };
  return Number.isSafeInteger(range.end) && range.start <= range.end ? range : undefined;
}
