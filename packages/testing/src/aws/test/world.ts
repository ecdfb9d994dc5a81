/** The people, roles and keys of these tests. */
export const account = '146628656107';
export const ann = `arn:aws:iam::${account}:user/ann`;
export const bob = `arn:aws:iam::${account}:user/bob`;
export const admin = `arn:aws:iam::${account}:role/release-engineer-plugin-admin`;
export const reader = `arn:aws:iam::${account}:role/reader`;

/** A policy that allows these actions on these resources. */
export function allowing(actions: readonly string[], resources: readonly string[] = ['*']) {
  const statement = { Effect: 'Allow', Action: actions, Resource: resources } as const;
  return { Version: '2012-10-17', Statement: [statement] };
}
