import { failedWith } from '@teleport-plugins/object-store';

import type { OperationOptions } from '../content.js';
import { TerraformRegistryError } from '../error.js';
import { contentType, keys } from '../documents/layout.js';
import type { ReleaseManifest } from '../documents/manifest.js';
import type { VersionIndex } from '../documents/versions.js';
import { formatWithdrawal } from '../documents/withdrawal.js';
import { requireConditions } from '../publish/apply.js';
import { indexDocument, mirrorDocument } from '../publish/index-document.js';
import { manifestObject } from '../publish/release-objects.js';
import { recoveredIndex, recoveredMirror } from '../publish/recovered-index.js';
import { changeShared, type SharedOptions } from '../publish/shared-document.js';
import {
  nameOf,
  readIndex,
  readManifest,
  readWithdrawal,
  type Read,
  type Registry,
} from '../registry.js';
import type { Version } from '../version.js';

export interface YankRequest {
  readonly version: Version;
  /** Shown to everybody who installs the provider. */
  readonly reason: string;
  /**
   * Takes the version out of the index, which breaks all whose lock file or constraint names it. Without,
   * it stays installable and a warning is shown.
   */
  readonly hard: boolean;
}

/** What a yank will change, and whom it breaks. */
export interface YankPlan extends YankRequest {
  readonly registry: Registry;
  /** Terraform shows it on init, whatever version is installed. */
  readonly warning: string;
  readonly consequences: readonly string[];
  /** The keys of the objects that it changes. */
  readonly written: readonly string[];
}

/** Throws `not-found` for a version that is neither listed nor recorded. */
export async function planYank(
  registry: Registry,
  request: YankRequest,
  options?: OperationOptions,
): Promise<YankPlan> {
  const { version, reason, hard } = request;
  const index = await readIndex(registry, options);
  if (index === undefined) {
    throw new TerraformRegistryError(
      'not-found',
      `${nameOf(registry)}: version ${version} is not listed, because there is no index; if anything was published, run release:tf-repair first`,
    );
  }
  const listed = index.value.versions.find((each) => each.version === version);
  const manifest = await readManifest(registry, version, options);
  const before = manifest?.value.yanked ?? (await readWithdrawal(registry, version, options));
  if (listed === undefined && before === undefined) {
    throw new TerraformRegistryError(
      'not-found',
      `${nameOf(registry)}: version ${version} is not listed; check the version`,
    );
  }
  const { namespace, type } = registry.address;
  const warning = `${namespace}/${type} ${version} ${hard ? 'was withdrawn' : 'should not be used'}: ${reason}`;
  const consequences = hard
    ? [
        `"terraform init" fails for everybody whose lock file or constraint names ${version}, until they choose another version`,
        'its files stay, so that it can be brought back from them',
      ]
    : [`everybody who installs the provider, in any version, is shown: ${warning}`];
  const { address, mirrorHosts = [] } = registry;
  const record = (manifest === undefined ? keys.withdrawal : keys.manifest)(address, version);
  const mirrors = mirrorHosts.map((host) => keys.mirrorIndex(host, address));
  const written = [keys.index(address), ...(hard ? [record, ...mirrors] : [])];
  return { ...request, registry, warning, consequences, written };
}

/** Can be run again after it was interrupted. */
export async function applyYank(plan: YankPlan, options: SharedOptions = {}): Promise<void> {
  const { registry, version, hard, warning } = plan;
  const { store, address, mirrorHosts = [] } = registry;
  const operation = options.signal && { signal: options.signal };
  await requireConditions(registry, options);
  // Recorded first, so that neither publishing nor repairing brings it back.
  if (hard) await recordYank(plan, options);
  const without = (index: VersionIndex) =>
    hard ? index.versions.filter((each) => each.version !== version) : index.versions;
  await changeShared(
    store,
    indexDocument(address),
    async (current) => {
      const index = current ?? (await recoveredIndex(registry, undefined, operation));
      return { versions: without(index), warnings: [...new Set([...index.warnings, warning])] };
    },
    options,
  );
  if (!hard) return;
  for (const host of mirrorHosts) {
    const mirror = mirrorDocument(host, address);
    await changeShared(
      store,
      mirror,
      async (current) => {
        const versions = current ?? (await recoveredMirror(registry, host, operation));
        return versions.filter((each) => each !== version);
      },
      options,
    );
  }
}

async function recordYank(plan: YankPlan, { signal }: OperationOptions): Promise<void> {
  const { registry, version, reason } = plan;
  const operation = signal && { signal };
  const manifest = await readManifest(registry, version, operation);
  if (manifest === undefined) return withdraw(plan, operation);
  if (manifest.value.yanked !== undefined) return;
  const { key, body, contentType, cacheControl } = manifestObject(yanked(manifest, reason));
  try {
    await registry.store.put(key, body as Uint8Array, {
      mode: { replace: manifest.objectVersion },
      contentType,
      cacheControl,
      ...operation,
    });
  } catch (cause) {
    if (!failedWith(cause, 'changed')) throw cause;
    throw new TerraformRegistryError(
      'contended',
      `${registry.store.name}/${key}: was changed by somebody else meanwhile; run this again`,
      { cause },
    );
  }
}

/** Of a version from before there were records: nothing else would keep a repair from listing it again. */
async function withdraw(
  { registry, version, reason }: YankPlan,
  operation: OperationOptions | undefined,
): Promise<void> {
  const key = keys.withdrawal(registry.address, version);
  const labels = { contentType: contentType.json, cacheControl: 'no-store' };
  try {
    const bytes = formatWithdrawal({ version, yanked: reason });
    await registry.store.put(key, bytes, { mode: 'create', ...labels, ...operation });
  } catch (error) {
    if (!failedWith(error, 'exists')) throw error;
  }
}

function yanked({ value }: Read<ReleaseManifest>, reason: string): ReleaseManifest {
  return { ...value, yanked: reason };
}
