/** How a private repository encrypts what it holds; without a key the one that AWS manages. */
export type Encryption =
  { readonly type: 'AES256' } | { readonly type: 'KMS'; readonly key?: string };

export const encryptionExpected =
  '"AES256", "KMS" or the ARN of a KMS key, such as "arn:aws:kms:us-west-2:123456789012:key/…"';

/** `undefined` when the text is none of these. */
export function parseEncryption(text: string): Encryption | undefined {
  if (text === 'AES256' || text === 'KMS') return { type: text };
  return keyArn.test(text) ? { type: 'KMS', key: text } : undefined;
}

const keyArn = /^arn:aws(?:-[a-z]+)*:kms:[a-z0-9-]+:[0-9]{12}:key\/[A-Za-z0-9-]{1,128}$/;
