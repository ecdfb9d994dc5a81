/** What is looked at of an error of the SDK, of Node or of the provider chain. */
export interface SdkError {
  /** AWS's name for it (`AccessDenied`), or that of a class. */
  readonly name: string;
  /** Its first line, without secrets. */
  readonly message: string;
  /** Of the answer, when there was one. */
  readonly status: number | undefined;
  /** Of Node: `ECONNREFUSED`. */
  readonly code: string;
  /** The server that was being connected to, when Node says so. */
  readonly server: string | undefined;
  /** How often the call was made. */
  readonly attempts: number;
  /** For `cause`. The original would show the request, with its signature and session token. */
  readonly copy: Error;
}

const longest = 1000;

/** Reads an error; `secrets` are what may not stand in what is read, wherever it has got to. */
export function readSdkError(error: unknown, secrets: ReadonlySet<string>): SdkError {
  const read = (key: string) => (error as Readonly<Record<string, unknown>> | null)?.[key];
  const text = (key: string) => {
    const value = read(key);
    return typeof value === 'string' ? value : '';
  };
  const metadata = (read('$metadata') ?? {}) as { httpStatusCode?: number; attempts?: number };
  const response = read('$response') as { statusCode?: number } | undefined;
  const name = text('name') || 'Error';
  const message = firstLine(text('message') || String(error), secrets);
  const status = metadata.httpStatusCode ?? response?.statusCode;
  const address = text('address');
  return {
    name,
    message,
    status,
    code: text('code'),
    server: address ? `${address}:${String(read('port'))}` : text('hostname') || undefined,
    attempts: metadata.attempts ?? 1,
    copy: Object.assign(new Error(message), { name }, status !== undefined && { status }),
  };
}

/** What AWS says goes on in lines that repeat the request when it refuses a signature. */
function firstLine(text: string, secrets: ReadonlySet<string>): string {
  const masked = [...secrets]
    .filter((secret) => secret !== '')
    .sort((a, b) => b.length - a.length)
    .reduce((rest, secret) => rest.replaceAll(secret, '[secret]'), text);
  const [line = ''] = masked.trim().split(/[\r\n]/);
  return line.slice(0, longest);
}
