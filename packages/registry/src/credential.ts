import type { OperationOptions } from '@teleport-plugins/oci';
import type { Secret } from '@teleport-plugins/secrets';

/** What a registry or its token server accepts as proof of who asks. */
export type Credential =
  /** A user name and password, or what stands for one (ECR: `AWS` and a token of 12 hours). */
  | { readonly kind: 'basic'; readonly username: string; readonly password: Secret }
  /** A token for the registry itself, sent as it is. */
  | { readonly kind: 'bearer'; readonly token: Secret }
  /**
   * A refresh token, which the token server exchanges for one of a few minutes.
   * https://distribution.github.io/distribution/spec/auth/oauth/
   */
  | { readonly kind: 'identity'; readonly token: Secret };

export interface CredentialOptions extends OperationOptions {
  /**
   * What was handed out last and has been refused, as the same object: it ran out before its time, was
   * revoked, or was wrong from the beginning. The same again would not help; who has nothing better gives
   * it all the same, or says what to do in an error.
   */
  readonly refused?: Credential | undefined;
}

/**
 * The credential for a registry (`host[:port]`, as it was given to `openRegistry`), or `undefined` for
 * none. It is asked when a registry demands one, and again when that one has been refused or a token
 * has run out: a provider keeps what is expensive to obtain, and hands out nothing that has expired.
 * Several may have been refused the same one at the same time: who has another one by then gives that.
 * What it throws reaches the caller of the operation.
 */
export type CredentialProvider = (
  registry: string,
  options?: CredentialOptions,
) => Promise<Credential | undefined>;
