import { parseDockerConfig } from '../docker/config.js';
import { entriesFor } from '../docker/keys.js';
import { removeMembers, setMember } from './json-text.js';

/** What becomes of a configuration of docker or podman. */
export interface ConfigEdit {
  readonly text: string;
  readonly changes: readonly ConfigChange[];
}

export interface ConfigChange {
  readonly kind:
    /** The registry gets a helper. */
    | 'set'
    /** It gets back the helper that it had before. */
    | 'restored'
    /** It has no helper of its own any more. */
    | 'removed'
    /** A stored login, which the helper takes the place of. */
    | 'login-removed';
  readonly host: string;
  /** The helper that it had. */
  readonly before?: string;
  /** The helper that it gets. */
  readonly after?: string;
}

/**
 * Makes a helper the one for these registries. What is stored of a login to one of them goes: docker
 * would keep it on the disk, and other programs would send it when it has long expired.
 *
 * Nothing else of the text changes. Throws `config-invalid`; `where` is the file.
 */
export function withHelper(
  text: string,
  where: string,
  hosts: readonly string[],
  helper: string,
): ConfigEdit {
  const { auths, credHelpers } = parseDockerConfig(text, where);
  let edited = text.trim() === '' ? '{}' : text;
  const changes = hosts.flatMap((host): readonly ConfigChange[] => {
    const before = credHelpers.get(host);
    const logins = entriesFor(auths, host).map(({ key }) => key);
    edited = setMember(edited, ['credHelpers'], host, helper);
    edited = removeMembers(edited, ['auths'], logins);
    const set = { kind: 'set' as const, host, ...(before !== undefined && { before }) };
    return [
      ...(before === helper ? [] : [{ ...set, after: helper }]),
      ...logins.map(() => ({ kind: 'login-removed' as const, host })),
    ];
  });
  return { text: changes.length === 0 ? text : edited, changes };
}

/**
 * Takes the helper away from these registries, and gives them back the one that they had before. One
 * that has another helper by now is left alone. Throws `config-invalid`.
 */
export function withoutHelper(
  text: string,
  where: string,
  hosts: ReadonlyMap<string, string | undefined>,
  helper: string,
): ConfigEdit {
  const { credHelpers } = parseDockerConfig(text, where);
  const ours = [...hosts].filter(([host]) => credHelpers.get(host) === helper);
  let edited = text;
  const changes = ours.map(([host, after]): ConfigChange => {
    if (after === undefined) {
      edited = removeMembers(edited, ['credHelpers'], [host]);
      return { kind: 'removed', host, before: helper };
    }
    edited = setMember(edited, ['credHelpers'], host, after);
    return { kind: 'restored', host, before: helper, after };
  });
  const isEmpty = changes.length > 0 && parseDockerConfig(edited, where).credHelpers.size === 0;
  return { text: isEmpty ? removeMembers(edited, [], ['credHelpers']) : edited, changes };
}
