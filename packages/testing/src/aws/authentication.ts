import { AwsFault } from './fault.js';
import type { Principal, Principals } from './principals.js';
import { hasSignature, parseAuthorization, type Scope, type SignedRequest } from './sigv4.js';

export interface Authenticated {
  readonly principal: Principal;
  readonly region: string;
}

export interface AuthenticationOptions {
  /** Of SigV4: `ecr-public`. */
  readonly service: string;
  /** How far the clock of the one who asks may be off, in minutes. */
  readonly tolerance: number;
  readonly now: Date;
}

/** Finds out who signed a request. Throws the fault that AWS answers when it was not signed well. */
export function authenticate(
  request: SignedRequest,
  principals: Principals,
  { service, tolerance, now }: AuthenticationOptions,
): Authenticated {
  const header = request.headers.authorization;
  if (typeof header !== 'string') {
    throw new AwsFault('no-signature', 'Request is missing Authentication Token');
  }
  const authorization = parseAuthorization(header);
  if (!authorization) {
    throw new AwsFault('incomplete-signature', 'Authorization header is not a SigV4 signature');
  }
  const { scope, signedHeaders } = authorization;
  checkHeaders(request, signedHeaders);
  checkScope(scope, service);
  checkDate(request, scope, tolerance, now);

  const keys = principals.keys(authorization.accessKeyId);
  const invalid = 'The security token included in the request is invalid.';
  if (!keys) throw new AwsFault('unknown-key', invalid);
  if (!hasSignature(request, authorization, keys.secretAccessKey)) {
    throw new AwsFault(
      'bad-signature',
      'The request signature we calculated does not match the signature you provided. ' +
        'Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    );
  }
  if (request.headers['x-amz-security-token'] !== keys.sessionToken) {
    throw new AwsFault('unknown-key', invalid);
  }
  if (keys.expiration && keys.expiration <= now) {
    throw new AwsFault('expired-token', 'The security token included in the request is expired');
  }
  return { principal: keys.principal, region: scope.region };
}

/** What AWS says to a clock that is wrong. */
export function skewMessage(sent: Date, now: Date, tolerance: number): string {
  const minutes = tolerance * 60_000;
  const isEarly = sent < now;
  const bound = new Date(now.getTime() + (isEarly ? -minutes : minutes));
  const [what, than, sign] = isEarly
    ? ['Signature expired:', 'is now earlier than', '-']
    : ['Signature not yet current:', 'is still later than', '+'];
  return `${what} ${compact(sent)} ${than} ${compact(bound)} (${compact(now)} ${sign} ${tolerance} min.)`;
}

/** Whatever AWS takes into account has to be signed. */
function checkHeaders({ headers }: SignedRequest, signed: readonly string[]): void {
  const needed = Object.keys(headers).filter(
    (name) => name === 'host' || name.startsWith('x-amz-'),
  );
  const missing = needed.filter((name) => !signed.includes(name));
  if (missing.length === 0) return;
  throw new AwsFault('bad-signature', `'${missing.join(', ')}' must be a signed header`);
}

function checkScope({ service }: Scope, wanted: string): void {
  if (service === wanted) return;
  throw new AwsFault(
    'bad-signature',
    `Credential should be scoped to correct service: '${wanted}'.`,
  );
}

function checkDate(request: SignedRequest, scope: Scope, tolerance: number, now: Date): void {
  const text = String(request.headers['x-amz-date']);
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? [];
  const sent = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(sent.getTime())) {
    throw new AwsFault('incomplete-signature', 'Date must be in ISO-8601 basic format');
  }
  if (!text.startsWith(scope.date)) {
    throw new AwsFault(
      'bad-signature',
      'Date in Credential scope does not match the date of the request',
    );
  }
  if (Math.abs(sent.getTime() - now.getTime()) > tolerance * 60_000) {
    throw new AwsFault('bad-signature', skewMessage(sent, now, tolerance));
  }
}

/** `20150830T123600Z`. */
function compact(date: Date): string {
  return date.toISOString().replace(/[-:]|\.\d+/g, '');
}
