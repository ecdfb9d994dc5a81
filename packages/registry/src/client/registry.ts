import { parseRepositoryName } from '@teleport-plugins/oci';

import type { CredentialProvider } from '../credential.js';
import { RegistryError } from '../error.js';
import { registryUrl, type Scheme } from './address.js';
import { authorizationOf } from './authorization.js';
import { systemClock, type Clock } from './clock.js';
import { exchangeWith } from './exchange.js';
import { placeAt } from './place.js';
import { repositoryAt, type RemoteRepository } from './repository.js';
import { pullFrom, pushTo } from './scope.js';
import type { ProxyOptions, Timeouts } from './agents.js';
import { httpTransport, type Traffic } from './transport.js';

export interface RegistryOptions {
  /** Who asks. Default: nobody. */
  readonly credentials?: CredentialProvider;
  /** Default: `http` for loopback hosts, `https` for all others. Over `http` everybody between reads along. */
  readonly scheme?: Scheme;
  /**
   * What the registry is known to answer to a request without credential (`WWW-Authenticate`): saves that
   * request. ECR: `Basic realm="ecr"`.
   */
  readonly challenge?: string;
  /** To each origin at the same time; as many again for downloads. Default: 16. */
  readonly connections?: number;
  /** How often a request is repeated when it fails for a reason that passes. Default: 5. */
  readonly retries?: number;
  /** In milliseconds. Default: 15 s to connect, 60 s for an answer to begin, 60 s between its pieces. */
  readonly timeouts?: Partial<Timeouts>;
  /** Default: none, whatever the environment says. */
  readonly proxy?: ProxyOptions;
  /** A certificate authority (PEM) that is trusted beside the known ones. */
  readonly ca?: string;
  readonly userAgent?: string;
  readonly clock?: Clock;
  /** 0 ≤ x < 1; spreads repeated requests. */
  readonly random?: () => number;
}

export interface RepositoryOptions {
  /** With `push`, reads ask for tokens that serve for writing too: one token instead of two. */
  readonly access?: 'pull' | 'push';
}

export interface Registry extends AsyncDisposable {
  /** As it was given to `openRegistry`. */
  readonly host: string;
  /** So far. */
  readonly traffic: Traffic;
  /** Throws `reference-invalid` (OciError). Makes no request. */
  repository(name: string, options?: RepositoryOptions): RemoteRepository;
  /** Ends all connections; what is under way fails with `closed`. */
  close(): Promise<void>;
}

/**
 * A registry that speaks the OCI distribution protocol, at `host[:port]`. Makes no request, and loads no
 * HTTP client, before the first operation on a repository.
 *
 * Credentials belong to the registry's origin: redirects and uploads that lead elsewhere go without. A
 * token server gets them where the registry itself names it, over https or on this machine. Nothing
 * leads from https to http.
 *
 * A credential or token that is refused (401; of ECR also 403 and 400, where the answer says that it has
 * run out) is replaced, and the request repeated, once, at any point of a copy: the provider is told what was
 * refused, once for all requests that were refused it, and not again within a minute. A large blob that cannot be
 * reopened is not sent twice: its push fails.
 *
 * Requests that fail for reasons that pass (429, 5xx, broken connections, timeouts) are repeated after
 * a growing, random pause, or the one that `Retry-After` says, up to 60 s; a blob is pushed again when it
 * is up to 1 MiB long or can be reopened, and downloaded on from where it stopped.
 *
 * Operations throw RegistryError for what registry and network do, and OciError for content that is
 * not what its descriptor says.
 *
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md
 */
export function openRegistry(host: string, options: RegistryOptions = {}): Registry {
  const { credentials, challenge, clock = systemClock, random = Math.random } = options;
  const registry = registryUrl(host, options.scheme);
  const transport = httpTransport({
    connections: options.connections ?? 16,
    timeouts: { connect: 15_000, headers: 60_000, body: 60_000, ...options.timeouts },
    userAgent: options.userAgent ?? 'teleport-plugins',
    proxy: options.proxy,
    ca: options.ca,
  });
  const closing = new AbortController();
  const retry = { retries: options.retries ?? 5, clock, random };
  const authorization = authorizationOf({
    host,
    registry,
    transport,
    clock,
    credentials,
    challenge,
    closing: closing.signal,
  });
  const exchange = exchangeWith({ host, registry, transport, authorization, retry });

  const close = async () => {
    closing.abort(
      new RegistryError('closed', `${host}: the connection to the registry was closed`),
    );
    await transport.close();
  };
  return {
    host,
    get traffic() {
      return transport.traffic;
    },
    repository(name, { access = 'pull' } = {}) {
      const path = parseRepositoryName(name);
      const write = [pushTo(path)];
      const read = access === 'push' ? write : [pullFrom(path)];
      return repositoryAt(placeAt(exchange, registry, { host, path, scopes: { read, write } }));
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
