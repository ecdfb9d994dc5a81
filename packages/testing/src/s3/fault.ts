/** What S3 answers instead of a result. */
export class S3Fault extends Error {
  readonly status: number;
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

export function noSuchKey(mayList: boolean, headers: S3Fault['headers'] = {}): S3Fault {
  return mayList
    ? new S3Fault(404, 'NoSuchKey', 'The specified key does not exist.', headers)
    : accessDenied();
}

export function accessDenied(): S3Fault {
  return new S3Fault(403, 'AccessDenied', 'Access Denied');
}

export function malformedXml(): S3Fault {
  return new S3Fault(
    400,
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
  );
}

export function preconditionFailed(): S3Fault {
  return new S3Fault(
    412,
    'PreconditionFailed',
    'At least one of the pre-conditions you specified did not hold',
  );
}

export function notImplemented(what: string): S3Fault {
  return new S3Fault(
    501,
    'NotImplemented',
    `A header you provided implies functionality that is not implemented: ${what}`,
  );
}
