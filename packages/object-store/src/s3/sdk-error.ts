/** What is looked at of an error of the SDK, or of Node. */
export interface SdkError {
  /** S3's code (`NoSuchKey`), or the name of a class. */
  readonly name: string;
  /** Its first line, without secrets. */
  readonly message: string;
  /** Of the answer, when there was one. */
  readonly status: number | undefined;
  /** Of Node: `ECONNREFUSED`. */
  readonly code: string;
  /** Where S3 says that the bucket is. */
  readonly region: string | undefined;
}

/** Reads an error; `undefined` for one that is neither S3's nor the network's. */
export function readSdkError(error: unknown, secrets: ReadonlySet<string>): SdkError | undefined {
  const read = error as {
    readonly name?: unknown;
    readonly message?: unknown;
    readonly code?: unknown;
    readonly $metadata?: { readonly httpStatusCode?: number };
    readonly $response?: {
      readonly statusCode?: number;
      readonly headers?: Readonly<Record<string, string>>;
    };
  } | null;
  const name = textOf(read?.name);
  const code = textOf(read?.code);
  const status = read?.$metadata?.httpStatusCode ?? read?.$response?.statusCode;
  if (status === undefined && code === '' && name !== 'TimeoutError') return undefined;
  return {
    name,
    message: firstLine(textOf(read?.message), secrets),
    status,
    code,
    region: read?.$response?.headers?.['x-amz-bucket-region'],
  };
}

/** For `cause`. The original shows the request, with its signature and session token, to who looks into it. */
export function copyOf({ name, message, status, code }: SdkError): Error {
  return Object.assign(new Error(message), { name, code, status });
}

/** Whether an error of this store's came of an answer with one of these codes of S3's. */
export function answeredWith(error: unknown, ...names: readonly string[]): boolean {
  const { cause } = (error ?? {}) as { readonly cause?: unknown };
  return cause instanceof Error && names.includes(cause.name);
}

/** What S3 says goes on in lines that repeat the request when it refuses a signature. */
function firstLine(text: string, secrets: ReadonlySet<string>): string {
  const [line = ''] = [...secrets]
    .sort((a, b) => b.length - a.length)
    .reduce((rest, secret) => rest.replaceAll(secret, '[secret]'), text)
    .split(/[\r\n]/, 1);
  return line.slice(0, 300);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
