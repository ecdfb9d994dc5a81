import { createHash } from 'node:crypto';

/** Sends requests to a registry with a header Authorization, and follows no redirect. */
export type Ask = (
  method: string,
  path: string,
  options?: { readonly body?: string; readonly headers?: Readonly<Record<string, string>> },
) => Promise<Answer>;

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  /** Of the first of the errors. */
  readonly code: string | undefined;
  readonly message: string | undefined;
}

export function asking(host: string, authorization?: string): Ask {
  return async (method, path, { body, headers = {} } = {}) => {
    const response = await fetch(path.startsWith('http') ? path : `http://${host}${path}`, {
      ...{ method, redirect: 'manual' },
      ...(body !== undefined && { body }),
      headers: { ...(authorization !== undefined && { authorization }), ...headers },
    });
    const text = await response.text();
    const { code, message } = errorIn(text);
    return { status: response.status, headers: response.headers, body: text, code, message };
  };
}

export function basic(password: string): string {
  return `Basic ${Buffer.from(`AWS:${password}`).toString('base64')}`;
}

/** Pushes a blob in one piece; gives its digest. */
export async function pushBlob(ask: Ask, repository: string, content: string): Promise<string> {
  const begun = await ask('POST', `/v2/${repository}/blobs/uploads/`);
  const url = new URL(begun.headers.get('location') ?? '');
  url.searchParams.set('digest', digestOf(content));
  const { status, body } = await ask('PUT', url.href, { body: content });
  if (status !== 201) throw new Error(`${status} ${body}`);
  return digestOf(content);
}

/** A manifest of the blob `{}`, which has to be there. */
export function manifest(annotations: Readonly<Record<string, string>> = {}, config = {}): string {
  const empty = { mediaType: 'application/vnd.oci.empty.v1+json', digest: digestOf('{}'), size: 2 };
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: manifestType,
    config: { ...empty, ...config },
    layers: [empty],
    annotations,
  });
}

const manifestType = 'application/vnd.oci.image.manifest.v1+json';

/** Puts a manifest there by tag or digest. */
export function putManifest(ask: Ask, repository: string, reference: string, body: string) {
  const headers = { 'content-type': manifestType };
  return ask('PUT', `/v2/${repository}/manifests/${reference}`, { body, headers });
}

export function digestOf(content: string): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

function errorIn(text: string): { readonly code?: string; readonly message?: string } {
  if (!text.startsWith('{"errors"')) return {};
  const { errors } = JSON.parse(text) as { errors: { code: string; message: string }[] };
  return errors[0] ?? {};
}
