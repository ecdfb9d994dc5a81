/** What can be wrong with archives, keys, documents or a registry. */
export type TerraformRegistryErrorCode =
  | 'version-invalid'
  | 'platform-invalid'
  | 'name-invalid'
  | 'sidecar-invalid'
  | 'archives-missing'
  | 'archives-invalid'
  | 'archive-damaged'
  | 'archive-refused'
  | 'scratch-failed'
  | 'zip-invalid'
  | 'key-invalid'
  | 'key-refused'
  | 'passphrase-wrong'
  | 'signature-invalid'
  | 'document-invalid'
  | 'not-found'
  | 'conflict'
  | 'contended'
  | 'conditions-ignored'
  | 'verification-failed'
  | 'port-unavailable';

/** The one error of this package: what, where and the next act in `message`, the original in `cause`. */
export class TerraformRegistryError extends Error {
  override readonly name = 'TerraformRegistryError';
  readonly code: TerraformRegistryErrorCode;

  constructor(code: TerraformRegistryErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
