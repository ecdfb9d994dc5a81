import type { PolicyDocument } from './policy.js';

export interface AwsOptions {
  /** The clock of all of AWS. Default: the machine's. */
  readonly now?: () => Date;
  readonly users?: readonly AwsUser[];
  readonly roles?: readonly AwsRole[];
  /** Private registries. One that is not listed has repositories, but no address for images. */
  readonly privateRegistries?: readonly PrivateRegistryOptions[];
  readonly publicRegistry?: PublicRegistryOptions;
  /** Of CloudFront. */
  readonly distributions?: readonly DistributionOptions[];
  /** Whether registry passwords hold a colon, at which some clients cut them off (AWS's own fails). Default: false. */
  readonly passwordsWithColons?: boolean;
}

/** Somebody with keys that do not run out. */
export interface AwsUser {
  /** `arn:aws:iam::146628656107:user/ann`. */
  readonly arn: string;
  /** Default: made up. */
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  readonly mfa?: { readonly serialNumber: string; readonly code: string };
  /** What the user may do. Default: everything. */
  readonly policy?: PolicyDocument;
}

export interface AwsRole {
  /** `arn:aws:iam::146628656107:role/release-engineer-plugin-admin`. */
  readonly arn: string;
  /**
   * Who may assume it: a trust policy, or the ARNs (of users, roles, sessions, an account's `:root`)
   * that may, with whatever tags and source identity.
   */
  readonly trust: PolicyDocument | readonly string[];
  /** What it may do. Default: everything. */
  readonly policy?: PolicyDocument;
  /** In seconds. Default: 3600, as in IAM. */
  readonly maxSessionDuration?: number;
}

export interface PrivateRegistryOptions {
  /** Twelve digits. */
  readonly account: string;
  readonly region: string;
  /** `127.0.0.1:5000`: the registry that keeps the images. */
  readonly upstream: string;
  /** What exists from the start. */
  readonly repositories?: readonly PrivateRepositoryOptions[];
  /** Whether blobs can be mounted from other repositories, which is an option of ECR. Default: false. */
  readonly mounting?: boolean;
  readonly limits?: RateLimits;
}

export interface PrivateRepositoryOptions {
  readonly name: string;
  /** Default: true. */
  readonly immutable?: boolean;
}

export interface PublicRegistryOptions {
  readonly upstream: string;
  /** The accounts with a public registry, and the first part of the names of their repositories. */
  readonly registries: readonly {
    readonly account: string;
    readonly alias: string;
    /** What exists from the start, without the alias. */
    readonly repositories?: readonly string[];
  }[];
  /** Whether it answers the referrers API. Default: false. */
  readonly referrers?: boolean;
  readonly limits?: RateLimits;
}

export interface DistributionOptions {
  /** Twelve digits. */
  readonly account: string;
  /** `E1ABCDEFGHIJKL` */
  readonly id: string;
}

/** How often in a second of the emulator's clock. Default: what AWS documents. */
export interface RateLimits {
  readonly putImage?: number;
  readonly initiateUpload?: number;
  readonly completeUpload?: number;
}

/** As programs get them. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary ones. */
  readonly sessionToken?: string;
  readonly expiration?: Date;
}
