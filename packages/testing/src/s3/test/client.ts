import type { S3 } from '../serve.js';

/** An answer of S3's. */
export interface S3Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  /** Of an error. */
  readonly code: string | undefined;
}

/** Asks S3 in its own words, with a header that is no signature, but has the form of one. */
export async function ask(
  { endpoint, region, credentials }: S3,
  request: `${string} /${string}`,
  given: { readonly body?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<S3Answer> {
  const [method = '', path = ''] = request.split(/ (.*)/);
  const date = '20300101';
  const response = await fetch(endpoint + path, {
    method,
    ...(given.body !== undefined && { body: given.body }),
    headers: {
      ...given.headers,
      'x-amz-date': `${date}T000000Z`,
      authorization: [
        `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${date}/${region}/s3/aws4_request`,
        `SignedHeaders=${['host', 'x-amz-date', ...Object.keys(given.headers ?? {})].join(';')}`,
        `Signature=${'0'.repeat(64)}`,
      ].join(', '),
    },
  });
  const body = await response.text();
  const code = /<Error><Code>(\w+)/.exec(body)?.[1];
  return { status: response.status, headers: response.headers, body, code };
}
