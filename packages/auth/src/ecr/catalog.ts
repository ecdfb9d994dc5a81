import type { RepositoryCatalogDataInput } from '@aws-sdk/client-ecr-public';

/** What the gallery of ECR Public shows of a repository. */
export interface Catalog {
  readonly description?: string | undefined;
  /** As OCI names them; those that the gallery has no name for are left out. */
  readonly platforms?:
    readonly { readonly os: string; readonly architecture: string }[] | undefined;
  /** Markdown. */
  readonly about?: string | undefined;
  /** Markdown. */
  readonly usage?: string | undefined;
}

/** https://docs.aws.amazon.com/AmazonECRPublic/latest/APIReference/API_RepositoryCatalogDataInput.html */
export function catalogData(catalog: Catalog): RepositoryCatalogDataInput {
  const { description, platforms = [], about, usage } = catalog;
  const architectures = platforms.map(({ architecture }) => architectureNames.get(architecture));
  const systems = platforms.map(({ os }) => systemNames.get(os));
  return {
    ...(description !== undefined && { description }),
    ...(platforms.length > 0 && {
      architectures: known(architectures),
      operatingSystems: known(systems),
    }),
    ...(about !== undefined && { aboutText: about }),
    ...(usage !== undefined && { usageText: usage }),
  };
}

const architectureNames: ReadonlyMap<string, string> = new Map([
  ['386', 'x86'],
  ['amd64', 'x86-64'],
  ['arm', 'ARM'],
  ['arm64', 'ARM 64'],
]);

const systemNames: ReadonlyMap<string, string> = new Map([
  ['linux', 'Linux'],
  ['windows', 'Windows'],
]);

function known(names: readonly (string | undefined)[]): string[] {
  return [...new Set(names.filter((name) => name !== undefined))];
}
