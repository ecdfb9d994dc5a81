import type { EcrRegistry } from '@teleport-plugins/auth';
import { formatReference, type Reference, type Repository } from '@teleport-plugins/oci';
import { RegistryError } from '@teleport-plugins/registry';

import { StepError } from '../error.js';
import type { EnvironmentStep } from '../step/step.js';
import { explained } from './explained.js';
import type { Place } from './place.js';
import type { AmazonSignIn } from './sign-in.js';

/**
 * A registry of Amazon's does not make repositories when something is pushed: the step does, where the
 * environment lets it, and says what is missing where not.
 */
export function creation(
  step: EnvironmentStep,
  name: Reference,
  repository: Repository,
  { registry, repositories }: Pick<AmazonSignIn, 'registry' | 'repositories'>,
): Pick<Place, 'preparation' | 'forWriting'> {
  const { environment, plugin, host } = step;
  const { signal } = host;
  const settings = environment.aws()?.repositories();
  if (settings?.create !== true) {
    const telling = explained(repository, (error) =>
      isMissing(error) ? missing(step, name, registry, error) : error,
    );
    return {
      preparation: () => Promise.resolve([]),
      forWriting: () => Promise.resolve(telling),
    };
  }
  const place = formatReference(name);
  return {
    preparation: async () =>
      (await repositories.exists(name.repository, { signal })) ? [] : [['create', place]],
    forWriting: async () => {
      if (await repositories.exists(name.repository, { signal })) return repository;
      const { platforms, description, catalog } = plugin.image;
      const { scanOnPush, encryption } = settings;
      const created = await repositories.create(name.repository, {
        scanOnPush,
        encryption,
        catalog: { description, platforms, ...catalog },
        signal,
      });
      if (created) host.print(`  created ${place}`);
      return repository;
    },
  };
}

function isMissing(error: unknown): boolean {
  return error instanceof RegistryError && error.code === 'name-unknown';
}

function missing(
  { environment }: EnvironmentStep,
  name: Reference,
  { kind }: EcrRegistry,
  cause: unknown,
): StepError {
  const action = kind === 'public' ? 'ecr-public:CreateRepository' : 'ecr:CreateRepository';
  return new StepError(
    'repository-missing',
    `there is no repository ${formatReference(name)}, and environment ${environment.name} does not let steps create one; have it created by somebody who is allowed to (${action}), or set aws.repositories.create in release.config.json`,
    { cause },
  );
}
