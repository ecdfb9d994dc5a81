import { SecretsError } from '../error.js';

export function emptyDocument(): SecretsError {
  return new SecretsError(
    'document-empty',
    'there are no secrets: the document is empty. Did its decryption fail? Run that by itself to see why',
  );
}

export function encryptedDocument(): SecretsError {
  return new SecretsError(
    'document-encrypted',
    'the secrets document is still encrypted; decrypt it with `sops -d`',
  );
}

/** @param what quotes nothing of the document but names */
export function invalidDocument(what: string): SecretsError {
  return new SecretsError('document-invalid', `the secrets document ${what}`);
}

/** @param what as above, of a line from 1 */
export function invalidLine(line: number, what: string): SecretsError {
  return new SecretsError('document-invalid', `the secrets document, line ${line}: ${what}`);
}
