import type { TerraformRole } from '@teleport-plugins/release';
import {
  remedies,
  remedyOf,
  storeReader,
  urlReader,
  verifyRegistry,
  type Finding,
  type RegistryReader,
} from '@teleport-plugins/terraform-registry';

import { releaseOf } from '../../archives/release.js';
import { openFetching } from '../../environment/fetching.js';
import { openStores } from '../../environment/stores.js';
import { StepError } from '../../error.js';
import type { Line } from '../../step/show.js';
import { settingsOf } from '../../terraform/registries.js';
import type { RegistryOptions, RegistryStep } from '../../terraform/registry-step.js';

export interface VerifyOptions extends Omit<RegistryOptions, 'dryRun' | 'printPolicy'> {
  /** Look at what is served at `https://HOST`, and not into the store. */
  readonly live?: boolean;
  /** Look at what is served there. */
  readonly url?: string;
  /** Whether the zips are read. Default: true. */
  readonly zips?: boolean;
}

/** A registry that was checked, and what was found. */
export interface Checked {
  /** Absent for what is served at a URL of neither. */
  readonly role: TerraformRole | undefined;
  readonly name: string;
  readonly findings: readonly Finding[];
}

/** Checks what the options name: what is served at a URL, one registry, or both. Throws StepError `option-invalid`. */
export async function verified(
  step: RegistryStep,
  options: VerifyOptions,
): Promise<readonly Checked[]> {
  const { registry, url } = options;
  if (url !== undefined) {
    const root = rootOf(url);
    const role = roles.find((each) => settingsOf(step, each).host === root.hostname);
    const reader = urlReader(root, openFetching(step.host));
    return [await checked(step, registry ?? role, reader, options)];
  }
  const all: Checked[] = [];
  for (const role of registry === undefined ? roles : [registry]) {
    all.push(await checked(step, role, await readerOf(step, role, options), options));
  }
  return all;
}

const roles = ['staging', 'production'] as const;

async function checked(
  step: RegistryStep,
  role: TerraformRole | undefined,
  reader: RegistryReader,
  { zips = true }: VerifyOptions,
): Promise<Checked> {
  const { namespace, type } = step.plugin.provider;
  const findings = await verifyRegistry(
    reader,
    { namespace, type },
    {
      at: step.host.now(),
      zips,
      signal: step.host.signal,
      ...(step.named && { version: releaseOf(step).version }),
    },
  );
  return { role, name: reader.name, findings };
}

/** Each error, and each warning once: an old registry has the same one at every document. */
export function describeFindings(findings: readonly Finding[]): readonly Line[] {
  if (findings.length === 0) return [['fine', 'clients refuse nothing']];
  const errors = findings.filter(({ severity }) => severity === 'error');
  const warnings = findings.filter(({ severity }) => severity === 'warning');
  const whats = [...new Set(warnings.map(({ what }) => what))];
  return [
    ...errors.map(({ where, what }): Line => ['error', `${where}: ${what}`]),
    ...whats.map((what): Line => {
      const [first, ...others] = warnings.filter((each) => each.what === what);
      const more = others.length === 0 ? '' : ` and ${others.length} more`;
      return ['warning', `${first?.where ?? ''}${more}: ${what}`];
    }),
  ];
}

export function refused(
  { environment, project }: RegistryStep,
  checked: readonly Checked[],
  errors: number,
): StepError {
  const found = checked.flatMap(({ role = 'production', findings }) =>
    findings
      .filter(({ severity }) => severity === 'error')
      .map((finding) => ({ role, remedy: remedyOf(finding) })),
  );
  const acts = found.map(({ role, remedy }) => {
    const step = (target: string) =>
      `\`npx nx run ${project}:${target}:${environment.name} --registry ${role} --dry-run\``;
    if (remedy === 'repair') {
      return `${step('tf-repair')} shows what can be repaired from the records of the registry`;
    }
    return remedy === 'resign'
      ? `${step('tf-resign')} shows what is signed again`
      : remedies[remedy];
  });
  return new StepError(
    'registry-damaged',
    `clients would refuse ${errors === 1 ? 'this' : `these ${errors} things`}; ${[...new Set(acts)].join('; ')}`,
  );
}

async function readerOf(
  step: RegistryStep,
  role: TerraformRole,
  { live = false }: VerifyOptions,
): Promise<RegistryReader> {
  if (live) {
    const root = new URL(`https://${settingsOf(step, role).host}/`);
    return urlReader(root, openFetching(step.host));
  }
  const stores = await openStores(step, { [role]: 'read' } as Record<TerraformRole, 'read'>);
  return storeReader(stores.at[role], [settingsOf(step, role).host]);
}

function rootOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isRoot = url?.pathname === '/' && url.search === '' && url.hash === '';
  if (url && isRoot && /^https?:$/.test(url.protocol) && url.username + url.password === '') {
    return url;
  }
  throw new StepError(
    'option-invalid',
    '--url: expected the root of a host, such as https://terraform.releases.teleport.dev or http://127.0.0.1:5004',
  );
}
