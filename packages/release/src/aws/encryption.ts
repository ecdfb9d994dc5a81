export const encryptionExpected =
  '"AES256", "KMS" or the ARN of a KMS key, such as "arn:aws:kms:us-west-2:123456789012:key/…"';

/** `undefined` when the text is none of these. */
export function parseEncryption(text: string): string | undefined {
  return /^(?:AES256|KMS)$/.test(text) || keyArn.test(text) ? text : undefined;
}

export const keyExpected =
  'the ARN of a KMS key, such as "arn:aws:kms:us-west-2:123456789012:key/…"';

/** `undefined` when the text is none. */
export function parseKey(text: string): string | undefined {
  return keyArn.test(text) ? text : undefined;
}

const keyArn = /^arn:aws(?:-[a-z]+)*:kms:[a-z0-9-]+:[0-9]{12}:key\/[A-Za-z0-9-]{1,128}$/;
