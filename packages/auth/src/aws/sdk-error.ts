import { serverAsked } from './asked-server.js';
import { retryAfter } from './retry.js';

/** What is looked at of an error of the SDK, of Node or of a source of credentials. */
export interface SdkError {
  /** AWS's name for it (`AccessDenied`), or that of a class. */
  readonly name: string;
  /** Its first line, without secrets. */
  readonly message: string;
  /** Of the answer, when there was one. */
  readonly status: number | undefined;
  /** Of Node: `ECONNREFUSED`. */
  readonly code: string;
  /** The file that was to be read, when Node says so. */
  readonly path: string | undefined;
  /** The server that was asked or could not be: `host`, or `host:port`. */
  readonly server: string | undefined;
  /** For how long AWS asks to be left alone, in seconds, when it says so. */
  readonly retryAfter: number | undefined;
  /** How often the call was made. */
  readonly attempts: number;
  /** There was an answer, and not in the form that the protocol has. */
  readonly isUnreadable: boolean;
  /** For `cause`. The original would show the request, with its signature and session token. */
  readonly copy: Error;
}

const longest = 1000;

/** Reads an error; `secrets` are what may not stand in what is read, wherever it has got to. */
export function readSdkError(error: unknown, secrets: ReadonlySet<string>): SdkError {
  const members = unwrapped((typeof error === 'object' ? error : null) ?? {});
  const { name = 'Error', message: text = String(error), code = '', port = '' } = members;
  const { $metadata, $response, path, address, hostname } = members;
  const asked = serverAsked(error) ?? serverAsked($response);
  const pause = retryAfter(error);
  const isUnreadable = name === 'SyntaxError' || text.includes('Deserialization error');
  // What reads JSON and XML quotes the answer, which may hold a token.
  const message = isUnreadable ? 'the answer cannot be read' : firstLine(text, secrets);
  const status = $metadata?.httpStatusCode ?? $response?.statusCode;
  return {
    ...{ name, message, status, code, path, isUnreadable },
    server: address === undefined ? (hostname ?? asked) : `${address}:${port}`,
    retryAfter: pause ? Math.ceil(pause / 1000) : undefined,
    attempts: $metadata?.attempts ?? 1,
    copy: Object.assign(new Error(message), { name }, status !== undefined && { status }),
  };
}

/** Where they are, they are of these types. */
interface Members {
  readonly name: string;
  readonly message: string;
  readonly code: string;
  readonly path: string;
  readonly address: string;
  readonly port: number;
  readonly hostname: string;
  readonly errors: readonly Partial<Members>[];
  readonly $metadata: { readonly httpStatusCode?: number; readonly attempts?: number };
  readonly $response: { readonly statusCode?: number };
}

/** The sources of credentials make a text of what they failed with: `SyntaxError: Unexpected …`. */
function unwrapped(members: Partial<Members>): Partial<Members> {
  // Of a name with several addresses, none of which answers.
  if (members.errors?.[0]) return { ...members, ...addressOf(members.errors[0]) };
  if (members.name !== 'CredentialsProviderError') return members;
  const [, name, message] = /^(\w*(?:Error|Exception)): (.*)$/s.exec(members.message ?? '') ?? [];
  if (name === undefined || message === undefined) return members;
  const [, code, server] = /^(?:connect|read|getaddrinfo) (E[A-Z]+)(?: (\S+))?/.exec(message) ?? [];
  return {
    ...{ name, message },
    ...(code !== undefined && { code }),
    ...(server !== undefined && { hostname: server }),
  };
}

function addressOf({ address, port }: Partial<Members>): Partial<Members> {
  return { ...(address !== undefined && { address }), ...(port !== undefined && { port }) };
}

/** What AWS says goes on in lines that repeat the request, when it refuses a signature. */
function firstLine(text: string, secrets: ReadonlySet<string>): string {
  const masked = [...secrets]
    .filter((secret) => secret !== '')
    .flatMap((secret) => [secret, encodeURIComponent(secret)])
    // The longest first: others may be parts of it.
    .sort((a, b) => b.length - a.length)
    .reduce((rest, secret) => rest.replaceAll(secret, '[secret]'), text);
  const [line = ''] = masked.trim().split(/[\r\n]/);
  return withoutArguments(line).slice(0, longest);
}

/** What Node says of a program that fails: its arguments and variables are nobody else's business. */
function withoutArguments(line: string): string {
  const [, said = line] =
    /^(Command failed: [\w./-]+)(?= |$)/.exec(line) ?? /^(Command failed)/.exec(line) ?? [];
  return said;
}
