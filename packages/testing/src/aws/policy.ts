/** As IAM writes them; https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html */
export interface PolicyDocument {
  readonly Version: string;
  readonly Statement: readonly PolicyStatement[];
}

export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  /** In trust policies only. */
  readonly Principal?: '*' | Readonly<Record<string, Several>>;
  readonly Action: Several;
  readonly Resource?: Several;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, Several>>>>;
}

type Several = string | readonly string[];

/** What somebody wants to do. */
export interface Wish {
  readonly action: string;
  readonly resource: string;
  /** Everything that the one who wishes can be called in a trust policy; unused elsewhere. */
  readonly principals?: readonly string[];
  /** For conditions: `sts:ExternalId` and the like. A key without a value fulfils no condition. */
  readonly context?: Readonly<Record<string, string | undefined>>;
}

export const everything: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
};

/** Whether a policy allows it: some statement does, and none denies it. */
export function allows(policy: PolicyDocument, wish: Wish): boolean {
  const fitting = policy.Statement.filter((statement) => fits(statement, wish));
  return fitting.length > 0 && fitting.every(({ Effect }) => Effect === 'Allow');
}

/** Reads a policy that somebody sent. `undefined` when it is none that the emulator can evaluate. */
export function parsePolicy(text: string): PolicyDocument | undefined {
  try {
    const policy = JSON.parse(text) as PolicyDocument;
    checkPolicy(policy, 'Resource');
    return policy;
  } catch {
    return undefined;
  }
}

/** Throws for what the emulator would evaluate otherwise than IAM does. */
export function checkPolicy(policy: PolicyDocument, subject: 'Resource' | 'Principal'): void {
  if (policy.Version !== '2012-10-17') throw new Error('a policy has the Version 2012-10-17');
  for (const statement of policy.Statement) {
    if (!['Allow', 'Deny'].includes(statement.Effect)) throw new Error('a statement has an Effect');
    if (
      several(statement.Action).some((action) => action !== '*' && !/^[\w-]+:[\w*?]+$/.test(action))
    ) {
      throw new Error(`not an action: ${several(statement.Action).join(', ')}`);
    }
    if (!(subject in statement)) throw new Error(`a statement of this policy needs a ${subject}`);
    for (const operator of Object.keys(statement.Condition ?? {})) {
      if (!(operator in operators)) throw new Error(`the emulator evaluates no ${operator}`);
    }
    const known = ['Sid', 'Effect', 'Action', 'Condition', subject];
    const other = Object.keys(statement).find((key) => !known.includes(key));
    if (other !== undefined) throw new Error(`the emulator evaluates no ${other} here`);
  }
}

function fits(statement: PolicyStatement, wish: Wish): boolean {
  return (
    several(statement.Action).some((action) =>
      like(action.toLowerCase(), wish.action.toLowerCase()),
    ) &&
    several(statement.Resource ?? '*').some((resource) => like(resource, wish.resource)) &&
    isPrincipal(statement.Principal, wish.principals ?? []) &&
    Object.entries(statement.Condition ?? {}).every(([operator, keys]) =>
      Object.entries(keys).every(([key, values]) => {
        const actual = wish.context?.[key];
        const holds = operators[operator];
        return several(values).some((value) => actual !== undefined && holds?.(value, actual));
      }),
    )
  );
}

function isPrincipal(wanted: PolicyStatement['Principal'], names: readonly string[]): boolean {
  if (wanted === undefined || wanted === '*') return true;
  return Object.values(wanted)
    .flatMap(several)
    .some((name) => name === '*' || names.includes(name));
}

const operators: Readonly<Record<string, (wanted: string, actual: string) => boolean>> = {
  StringEquals: (wanted, actual) => wanted === actual,
  StringLike: like,
  Bool: (wanted, actual) => wanted.toLowerCase() === actual,
};

/** `*` stands for any text, `?` for any character. */
function like(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${source}$`, 's').test(text);
}

function several(value: Several): readonly string[] {
  return typeof value === 'string' ? [value] : value;
}
