import type { Secret } from '@teleport-plugins/secrets';

import { sessionName, type Actor } from './session-name.js';
import type { AssumedRole } from './session.js';

/** A role as an environment has it, whoever assumes it. */
export interface RoleSettings {
  readonly arn: string;
  readonly durationSeconds?: number | undefined;
  readonly externalId?: string | undefined;
  /** Whether its sessions carry the actor's name as source identity. */
  readonly sourceIdentity?: boolean | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** The multi-factor device that it asks for a code of: its serial number, or its ARN. */
  readonly mfaSerial?: string | undefined;
}

/** How somebody assumes a role: with sessions that are named after who, or what build, they are. */
export function assumedRole(role: RoleSettings, actor: Actor, mfaCode?: Secret): AssumedRole {
  const { arn, durationSeconds, externalId, sourceIdentity, tags, mfaSerial } = role;
  const name = sessionName(actor);
  return {
    ...{ arn, sessionName: name, durationSeconds, externalId, tags },
    ...(sourceIdentity === true && { sourceIdentity: name }),
    ...(mfaSerial !== undefined && { mfa: { serialNumber: mfaSerial, code: mfaCode } }),
  };
}
