import type { ProviderAddress } from '../documents/layout.js';
import type { Version } from '../version.js';

/** What Terraform shows on init of a version, whatever version is installed. */
export function warningOf(
  address: ProviderAddress,
  {
    version,
    reason,
    hard,
  }: { readonly version: Version; readonly reason: string; readonly hard: boolean },
): string {
  return `${startOf(address, version)}${hard ? withdrawn : advisedAgainst}${reason}`;
}

/** The warnings of an index with this one of a version, or none, in the place of those that it had. */
export function warningsWith(
  warnings: readonly string[],
  address: ProviderAddress,
  version: Version,
  warning?: string,
): readonly string[] {
  const start = startOf(address, version);
  const isOfIt = (each: string) =>
    each.startsWith(start + withdrawn) || each.startsWith(start + advisedAgainst);
  const first = warnings.findIndex(isOfIt);
  const at = first < 0 ? warnings.length : first;
  const isOther = (each: string) => !isOfIt(each);
  return [
    ...warnings.slice(0, at).filter(isOther),
    ...(warning === undefined ? [] : [warning]),
    ...warnings.slice(at).filter(isOther),
  ];
}

const withdrawn = 'was withdrawn: ';
const advisedAgainst = 'should not be used: ';

function startOf({ namespace, type }: ProviderAddress, version: Version): string {
  return `${namespace}/${type} ${version} `;
}
