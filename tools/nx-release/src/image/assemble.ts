import { buildImage, type BaseImage, type BuiltImage } from '@teleport-plugins/image';
import type { Repository } from '@teleport-plugins/oci';

import { bundleFiles, type Bundle } from '../bundle/bundle.js';
import type { Provenance } from '../sources/provenance.js';
import type { EnvironmentStep } from '../step/step.js';

/** What an image is made of, besides what the plugin declares. */
export interface ImageParts {
  readonly bundle: Bundle;
  readonly base: BaseImage;
  readonly provenance: Provenance;
}

/** Writes the image of the working tree's version into a layout, under the version as its tag. */
export async function assembleImage(
  { plugin, config, host }: EnvironmentStep,
  { bundle, base, provenance }: ImageParts,
  layout: Repository,
): Promise<BuiltImage> {
  const { image, version } = plugin;
  const facts = {
    'org.opencontainers.image.title': image.title,
    'org.opencontainers.image.description': image.description,
    'org.opencontainers.image.version': version,
    'org.opencontainers.image.source': config.source,
    ...(provenance.revision !== undefined && {
      'org.opencontainers.image.revision': provenance.revision,
    }),
  };
  const built = await buildImage(
    {
      platforms: image.platforms,
      files: [
        { path: `app/${bundleFiles.program}`, source: { bytes: bundle.program } },
        { path: `app/${bundleFiles.licenses}`, source: { bytes: bundle.licenses } },
      ],
      entrypoint: ['node', `/app/${bundleFiles.program}`],
      cmd: image.arguments,
      user: image.user,
      exposedPorts: image.exposedPorts,
      // Docker and Podman show labels, registries show annotations.
      labels: facts,
      annotations: facts,
      created: provenance.created,
    },
    base,
    layout,
    { signal: host.signal },
  );
  await layout.manifests.tag(built.index, version);
  return built;
}
