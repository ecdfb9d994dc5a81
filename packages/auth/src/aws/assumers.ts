import type {
  AssumeRoleCommandInput,
  AssumeRoleWithWebIdentityCommandInput,
} from '@aws-sdk/client-sts';
import type { Secret } from '@teleport-plugins/secrets';

import type { AwsCredentials } from './credentials.js';
import { awsFailure } from './failure.js';
import { mfaNeeded } from './mfa.js';
import { holderOf } from './source.js';
import type { Assumed, Sts } from './sts.js';

export interface AssumerOptions {
  readonly profile: string | undefined;
  /** For a profile with `mfa_serial`. */
  readonly mfaCode: Secret | undefined;
  /** What to do when there is none. */
  readonly mfaAdvice: string;
  /** Of roles that are assumed on the way, where nobody has given one. */
  readonly sessionName: string;
  readonly sts: Sts;
  /** What is never to be shown; what is found is added. */
  readonly secrets: Set<string>;
}

/** How the SDK's sources assume a role: with our endpoints, time limits, names and messages. */
export function assumers(options: AssumerOptions) {
  const { sts, mfaCode, mfaAdvice, secrets, profile } = options;
  const named = <Input extends { RoleSessionName: string | undefined }>(input: Input): Input =>
    isMadeUp(input.RoleSessionName) ? { ...input, RoleSessionName: options.sessionName } : input;

  const assumed = async (
    deed: { readonly action: string; readonly resource: string | undefined; caller: string },
    ask: Promise<Assumed>,
  ) => {
    try {
      return (await ask).credentials;
    } catch (error) {
      throw awsFailure(error, { ...deed, profile, grant }, secrets);
    }
  };
  return {
    mfaCodeProvider: (serial: string) => {
      if (mfaCode) return Promise.resolve(mfaCode.reveal());
      throw mfaNeeded(`AWS credentials of ${holderOf(profile)}`, serial, mfaAdvice);
    },
    roleAssumer: (source: AwsCredentials, input: AssumeRoleCommandInput) => {
      secrets.add(source.secretAccessKey).add(source.sessionToken ?? '');
      const deed = { action: 'sts:AssumeRole', resource: input.RoleArn, caller: holderOf(profile) };
      return assumed(deed, sts.assumeRole(source, named(input)));
    },
    roleAssumerWithWebIdentity: (input: AssumeRoleWithWebIdentityCommandInput) => {
      // A file ends with a line break, which is no part of the token.
      const token = (input.WebIdentityToken ?? '').trim();
      secrets.add(token);
      const deed = {
        action: 'sts:AssumeRoleWithWebIdentity',
        resource: input.RoleArn,
        caller: profile === undefined ? 'the bearer of the web identity token' : holderOf(profile),
      };
      return assumed(
        deed,
        sts.assumeRoleWithWebIdentity({ ...named(input), WebIdentityToken: token }),
      );
    },
  };
}

const grant =
  "the trust policy of the role must allow it to the caller, and so must the caller's own policies";

/** By the SDK, of the time: CloudTrail should say who it was. */
function isMadeUp(sessionName = ''): boolean {
  return /^(?:aws-sdk-js-(?:session-)?\d+)?$/.test(sessionName);
}
