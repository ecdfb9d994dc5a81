import { AwsFault } from '../fault.js';
import { parsePolicy, type PolicyDocument } from '../policy.js';

/** What AssumeRole and AssumeRoleWithWebIdentity have in common. */
export interface SessionRequest {
  readonly roleArn: string;
  readonly sessionName: string;
  /** In seconds. */
  readonly duration: number;
  readonly policy: PolicyDocument | undefined;
  readonly policyText: string | undefined;
}

/** Reads and checks the parameters; throws the fault that STS answers to wrong ones. */
export function sessionRequest(form: URLSearchParams): SessionRequest {
  const roleArn = form.get('RoleArn') ?? '';
  const sessionName = form.get('RoleSessionName') ?? '';
  const duration = Number(form.get('DurationSeconds') ?? 3600);
  const policyText = form.get('Policy') ?? undefined;
  if (roleArn.length < 20) violated(roleArn, 'roleArn', 'have length greater than or equal to 20');
  if (!/^arn:[\w-]+:iam::\d{12}:role\/.+$/.test(roleArn)) {
    throw new AwsFault(validation, `${roleArn} is invalid`);
  }
  checkName(sessionName, 'roleSessionName');
  if (!(duration >= 900)) {
    violated(duration, 'durationSeconds', 'have value greater than or equal to 900');
  }
  if (duration > 43_200) {
    violated(duration, 'durationSeconds', 'have value less than or equal to 43200');
  }
  return { roleArn, sessionName, duration, policyText, policy: policyIn(policyText) };
}

/** Of a session, and of a source identity. */
export function checkName(name: string, parameter: string): void {
  if (!/^[\w+=,.@-]*$/.test(name)) {
    violated(name, parameter, 'satisfy regular expression pattern: [\\w+=,.@-]*');
  }
  if (name.length < 2) violated(name, parameter, 'have length greater than or equal to 2');
  if (name.length > 64) violated(name, parameter, 'have length less than or equal to 64');
}

/** `Tags.member.1.Key=project&Tags.member.1.Value=teleport-plugins`. */
export function tagsIn(form: URLSearchParams): Readonly<Record<string, string>> {
  const tags: Record<string, string> = {};
  for (const [name, key] of form) {
    const [, number] = /^Tags\.member\.(\d+)\.Key$/.exec(name) ?? [];
    if (number === undefined) continue;
    const value = form.get(`Tags.member.${number}.Value`) ?? '';
    if (key.length > 128) violated(key, 'tags', 'have length less than or equal to 128');
    if (value.length > 256) violated(value, 'tags', 'have length less than or equal to 256');
    if (key in tags) {
      throw new AwsFault({ code: 'InvalidParameterValue' }, 'Duplicate tag keys found.');
    }
    tags[key] = value;
  }
  if (Object.keys(tags).length > 50) violated('', 'tags', 'have length less than or equal to 50');
  return tags;
}

export const validation = { code: 'ValidationError' };

function violated(value: string | number, parameter: string, constraint: string): never {
  throw new AwsFault(
    validation,
    `1 validation error detected: Value '${value}' at '${parameter}' failed to satisfy constraint: Member must ${constraint}`,
  );
}

function policyIn(text: string | undefined): PolicyDocument | undefined {
  if (text === undefined) return undefined;
  if (text.length > 2048) violated(text, 'policy', 'have length less than or equal to 2048');
  const policy = parsePolicy(text);
  if (policy) return policy;
  throw new AwsFault({ code: 'MalformedPolicyDocument' }, 'Syntax errors in policy.');
}
