/** An IAM role. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html */
export interface Role {
  readonly arn: string;
  /** `aws`, `aws-cn`, `aws-us-gov`, … */
  readonly partition: string;
  /** The twelve digits of the account that has the role. */
  readonly account: string;
  /** The last word of the ARN, which is also what sessions of the role are named after. */
  readonly name: string;
}

export const accountExpected =
  'the twelve digits of an AWS account in quotes, such as "123456789012"';

export const roleExpected =
  'the ARN of a role, such as "arn:aws:iam::123456789012:role/release-engineer"';

/** `undefined` when the text is not the id of an account. */
export function parseAccount(text: string): string | undefined {
  return /^[0-9]{12}$/.test(text) ? text : undefined;
}

/** Reads the ARN of a role, with or without a path; `undefined` when it is not that. */
export function parseRole(arn: string): Role | undefined {
  const [, partition, account, name] = pattern.exec(arn) ?? [];
  if (partition === undefined || account === undefined || name === undefined) return undefined;
  return { arn, partition, account, name };
}

const pattern =
  /^arn:(aws(?:-[a-z]+)*):iam::([0-9]{12}):role\/(?:[!-~]{0,510}\/)?([A-Za-z0-9_+=,.@-]{1,64})$/;
