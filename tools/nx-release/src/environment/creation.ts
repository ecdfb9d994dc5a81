import type { EcrRepositories } from '@teleport-plugins/auth';
import { formatReference, type Reference, type Repository } from '@teleport-plugins/oci';
import { RegistryError } from '@teleport-plugins/registry';

import { StepError } from '../error.js';
import type { EnvironmentStep } from '../step/step.js';
import type { Place } from './places.js';

/**
 * A registry of Amazon's does not make repositories when something is pushed: the step does, where the
 * environment lets it, and says what is missing where not.
 */
export function creation(
  step: EnvironmentStep,
  name: Reference,
  repository: Repository,
  repositories: EcrRepositories,
): Pick<Place, 'preparation' | 'forWriting'> {
  const { environment, plugin, host } = step;
  const { signal } = host;
  const settings = environment.aws()?.repositories();
  if (settings?.create !== true) {
    const telling = tellingMissing(repository, missing(step, name));
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

/** The same repository, whose first write says that it is not there. */
function tellingMissing(repository: Repository, missing: StepError): Repository {
  const { blobs, manifests } = repository;
  const telling = async (write: () => Promise<void>): Promise<void> => {
    try {
      await write();
    } catch (cause) {
      if (!(cause instanceof RegistryError) || cause.code !== 'name-unknown') throw cause;
      throw new StepError(missing.code, missing.message, { cause });
    }
  };
  return {
    ...repository,
    blobs: {
      ...blobs,
      push: (blob, content, options) => telling(() => blobs.push(blob, content, options)),
    },
    manifests: {
      ...manifests,
      push: (manifest, bytes, options) => telling(() => manifests.push(manifest, bytes, options)),
    },
  };
}

function missing({ environment }: EnvironmentStep, name: Reference): StepError {
  return new StepError(
    'repository-missing',
    `there is no repository ${formatReference(name)}, and environment ${environment.name} does not let steps create one; have it created by somebody who is allowed to (ecr:CreateRepository, ecr-public:CreateRepository), or set aws.repositories.create in release.config.json`,
  );
}
