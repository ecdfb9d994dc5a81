/** What a registry answers to what it does not do. */
export class RegistryFault extends Error {
  readonly status: number;
  /** `DENIED`; https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#error-codes */
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    message: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

export function tooMany(retryAfter = 1): RegistryFault {
  return new RegistryFault(429, 'TOOMANYREQUESTS', 'Rate exceeded', {
    'retry-after': String(retryAfter),
  });
}

export function tokenExpired(): RegistryFault {
  return new RegistryFault(
    403,
    'DENIED',
    'Your authorization token has expired. Reauthenticate and try again.',
  );
}

export function tokenInvalid(): RegistryFault {
  return new RegistryFault(403, 'DENIED', 'Your Authorization Token is invalid.');
}

export function nameUnknown(name: string, registry: string): RegistryFault {
  return new RegistryFault(
    404,
    'NAME_UNKNOWN',
    `The repository with name '${name}' does not exist in the registry with id '${registry}'`,
  );
}
