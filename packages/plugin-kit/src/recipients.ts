/** Who is notified of requests for a role; `*` stands for the roles that are not listed. */
export type RoleToRecipients = ReadonlyMap<string, readonly string[]>;

/** The key for roles that have no recipients of their own. */
export const anyRole = '*';

/**
 * The recipients for a request, each once, as Teleport's own plugins choose them: those of every
 * requested role, and those of `*` for a role that is not listed or when no role is known.
 */
export function recipientsFor(
  roles: readonly string[],
  mapping: RoleToRecipients,
): readonly string[] {
  const keys = roles.length === 0 ? [anyRole] : roles;
  const all = keys.flatMap((role) => mapping.get(role) ?? mapping.get(anyRole) ?? []);
  return [...new Set(all)];
}
