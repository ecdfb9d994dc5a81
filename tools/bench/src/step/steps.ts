import { buildImage, hostBase } from '@teleport-plugins/image';
import {
  createLayout,
  openLayout,
  parsePlatform,
  withBlobsFrom,
  type Repository,
} from '@teleport-plugins/oci';
import { copyGraph, openRegistry, tagOnce, verifyCopied } from '@teleport-plugins/registry';

import { maskingSteps, type MaskingStepInputs } from './masking-steps.js';
import { pushNoise, type NoiseImage } from './noise-image.js';
import { providerSteps, type ProviderStepInputs } from './provider-steps.js';

/** The steps that are measured, by name, with what each is given. */
export interface StepInputs extends ImageStepInputs, ProviderStepInputs, MaskingStepInputs {}

interface ImageStepInputs {
  /** Builds an image with one file on the host's Node. */
  readonly build: { readonly bases: string; readonly layout: string; readonly file: string };
  /** Pushes that image from its layout to a registry and tags it. */
  readonly push: { readonly bases: string; readonly layout: string; readonly to: Place };
  /** Copies what is tagged in one registry to another, reads it again there, and tags it. */
  readonly promote: { readonly from: Place; readonly to: Place };
  /** Puts an image of noise into a registry. Prepares, is not measured. */
  readonly fill: { readonly to: Place; readonly image: NoiseImage };
}

/** A tag in a registry. */
export interface Place {
  readonly host: string;
  readonly repository: string;
  readonly tag: string;
}

const imageSteps: {
  readonly [Name in keyof ImageStepInputs]: (input: ImageStepInputs[Name]) => Promise<void>;
} = {
  async build({ bases, layout, file }) {
    const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
    const spec = {
      platforms: [parsePlatform(`linux/${architecture}`)],
      files: [{ path: 'app/main.mjs', source: { file } }],
      entrypoint: ['node', '/app/main.mjs'],
      created: new Date(0),
    };
    const to = await createLayout(layout);
    const { index } = await buildImage(spec, await hostBase(bases), to);
    await to.manifests.tag(index, builtTag);
  },

  async push({ bases, layout, to }) {
    const own = await openLayout(layout);
    const image = await resolved(own, builtTag);
    const from = withBlobsFrom(own, (await hostBase(bases)).repository.blobs);
    await withRegistry(to, async (destination) => {
      const there = await destination.manifests.resolve(to.tag);
      if (there?.digest === image.digest) return;
      await copyGraph(from, destination, image);
      await tagOnce(destination, image, to.tag);
    });
  },

  async promote({ from, to }) {
    await withRegistry(from, async (source) => {
      const image = await resolved(source, from.tag);
      await withRegistry(to, async (destination) => {
        const there = await destination.manifests.resolve(to.tag);
        if (there?.digest === image.digest) return;
        await copyGraph(source, destination, image);
        await verifyCopied(destination, image);
        await tagOnce(destination, image, to.tag);
      });
    });
  },

  async fill({ to, image }) {
    await withRegistry(to, (destination) => pushNoise(destination, to.tag, image));
  },
};

export const steps = { ...imageSteps, ...providerSteps, ...maskingSteps };

const builtTag = 'built';

async function resolved(repository: Repository, tag: string) {
  const image = await repository.manifests.resolve(tag);
  if (image === undefined) throw new Error(`${repository.name}:${tag} is not there`);
  return image;
}

async function withRegistry(
  { host, repository }: Place,
  use: (repository: Repository) => Promise<void>,
): Promise<void> {
  const registry = openRegistry(host);
  try {
    await use(registry.repository(repository));
  } finally {
    await registry.close();
  }
}
