import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
export interface SignedRequest {
  readonly method: string;
  /** Path and query, as sent. */
  readonly target: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Uint8Array;
}

/** What the header Authorization says. */
export interface Authorization {
  readonly accessKeyId: string;
  readonly scope: Scope;
  /** Lower case. */
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

export interface Scope {
  /** `20150830`. */
  readonly date: string;
  readonly region: string;
  readonly service: string;
}

/** `undefined` for what is no header of this kind. */
export function parseAuthorization(header: string): Authorization | undefined {
  const [, credential, signed, signature] =
    /^AWS4-HMAC-SHA256 Credential=([^, ]+), *SignedHeaders=([^, ]+), *Signature=([0-9a-f]{64})$/.exec(
      header,
    ) ?? [];
  const [accessKeyId, date, region, service, end] = credential?.split('/') ?? [];
  if (!accessKeyId || !date || !region || !service || end !== 'aws4_request') return undefined;
  if (signed === undefined || signature === undefined) return undefined;
  const scope = { date, region, service };
  return { accessKeyId, scope, signedHeaders: signed.split(';'), signature };
}

export function hasSignature(
  request: SignedRequest,
  authorization: Authorization,
  secretAccessKey: string,
): boolean {
  const expected = signatureOf(request, authorization, secretAccessKey);
  return timingSafeEqual(Buffer.from(expected), Buffer.from(authorization.signature));
}

/** In hexadecimal digits. `x-amz-date` has to be among the headers. */
export function signatureOf(
  request: SignedRequest,
  { scope, signedHeaders }: Pick<Authorization, 'scope' | 'signedHeaders'>,
  secretAccessKey: string,
): string {
  const { date, region, service } = scope;
  const toSign = [
    'AWS4-HMAC-SHA256',
    valueOf(request, 'x-amz-date'),
    `${date}/${region}/${service}/aws4_request`,
    sha256(canonicalRequest(request, signedHeaders)),
  ].join('\n');
  const key = [date, region, service, 'aws4_request'].reduce(
    (previous: Buffer, part) => hmac(previous, part),
    Buffer.from(`AWS4${secretAccessKey}`),
  );
  return hmac(key, toSign).toString('hex');
}

function canonicalRequest(request: SignedRequest, signedHeaders: readonly string[]): string {
  const url = new URL(request.target, 'http://localhost');
  const query = [...url.searchParams]
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .sort();
  return [
    request.method,
    url.pathname.split('/').map(encoded).join('/'),
    query.join('&'),
    ...signedHeaders.map((name) => `${name}:${valueOf(request, name)}`),
    '',
    signedHeaders.join(';'),
    sha256(request.body),
  ].join('\n');
}

function valueOf({ headers }: SignedRequest, name: string): string {
  return [headers[name] ?? ''].flat().join(',').trim().replace(/ +/g, ' ');
}

/** As AWS wants it: everything but letters, digits and `-_.~`. */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

function hmac(key: Uint8Array, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
