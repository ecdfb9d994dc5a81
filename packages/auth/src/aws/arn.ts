/** What an ARN of IAM or STS says about who acts. */
export interface Principal {
  /** 12 digits. */
  readonly account: string;
  readonly partition: string;
  /** The role's name without its path, of a session and of the role itself. */
  readonly role: string | undefined;
  /** Whether it is a session of a role, and not a user or the role itself. */
  readonly isSession: boolean;
}

/**
 * Reads `arn:aws:sts::1:assumed-role/name/session`, `arn:aws:iam::1:role/path/name` and the ARNs of users;
 * `undefined` for what is none of them.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
 */
export function parsePrincipal(arn: string): Principal | undefined {
  const [, partition, account, resource] =
    /^arn:(aws[a-z-]*):(?:iam|sts)::(\d{12}):(.+)$/.exec(arn) ?? [];
  if (partition === undefined || account === undefined || resource === undefined) return undefined;
  const [kind, ...names] = resource.split('/');
  const isSession = kind === 'assumed-role';
  const role = isSession ? names[0] : kind === 'role' ? names.at(-1) : undefined;
  return { account, partition, role, isSession };
}
