import { tmpdir } from 'node:os';

import type { Descriptor, OperationOptions, Platform, Repository } from '@teleport-plugins/oci';

import { selectBases, type BaseImage, type PlatformBase } from './base.js';
import { imageConfig, timestamp } from './config.js';
import { fileTree } from './file-tree.js';
import { writeGzipLayer } from './layer.js';
import { checkSpec, type ImageSpec } from './spec.js';
import { writeConfig, writeIndex, writeManifest, type Annotations } from './write.js';

export interface BuildOptions extends OperationOptions {
  /** A folder for the layer until its digest is known, the system's when absent. Nothing stays in it. */
  readonly scratchDirectory?: string;
}

/** A written image. */
export interface BuiltImage {
  readonly index: Descriptor;
  /** In the order of the spec. */
  readonly platforms: readonly BuiltPlatform[];
  /** Declared platforms that the host base is not for; with any other base there are none. */
  readonly omitted: readonly Platform[];
}

export interface BuiltPlatform {
  readonly platform: Platform;
  readonly manifest: Descriptor;
  readonly config: Descriptor;
  /** Lowest first; the last one is the image's own, the others are in the base's repository. */
  readonly layers: readonly Descriptor[];
}

/**
 * Builds an image and writes it into the layout: the layer of its files, then the config and the
 * manifest of every platform, the index last. The layers of the base stay where they are. Nothing is
 * written that is there already: building twice changes nothing, and a build that was killed is
 * completed. Throws `ImageError`.
 */
export async function buildImage(
  spec: ImageSpec,
  base: BaseImage,
  layout: Repository,
  options: BuildOptions = {},
): Promise<BuiltImage> {
  checkSpec(spec);
  const entries = await fileTree(spec.files);
  const { selected, omitted } = await selectBases(base, spec.platforms, options);

  const layer = await writeGzipLayer(entries, layout.blobs, {
    mtime: Math.floor(spec.created.getTime() / 1000),
    scratchDirectory: options.scratchDirectory ?? tmpdir(),
    ...(options.signal && { signal: options.signal }),
  });

  const writePlatform = async (from: PlatformBase): Promise<BuiltPlatform> => {
    const baseLabels = baseAnnotations(base, from.manifest);
    const parts = { base: from.config, diffId: layer.diffId, baseLabels };
    const config = await writeConfig(layout, imageConfig(spec, parts), options);
    const layers = [...from.layers, layer.descriptor];
    const annotations = annotationsOf(spec, baseLabels);
    const manifest = await writeManifest(layout, { config, layers, annotations }, options);
    return { platform: from.platform, manifest, config, layers };
  };

  const platforms: BuiltPlatform[] = [];
  for (const from of selected) platforms.push(await writePlatform(from));
  const annotations = annotationsOf(spec, baseAnnotations(base, base.index));
  const index = await writeIndex(layout, { platforms, annotations }, options);
  return { index, platforms, omitted };
}

function annotationsOf(spec: ImageSpec, base: Annotations): Annotations {
  return {
    ...spec.annotations,
    'org.opencontainers.image.created': timestamp(spec.created),
    ...base,
  };
}

/**
 * What the base is: its name without the digest, under which a newer one would be looked for, and
 * the digest of the index or of the platform's manifest, whichever the image has in common with it.
 * https://github.com/opencontainers/image-spec/blob/v1.1.0/annotations.md#pre-defined-annotation-keys
 */
function baseAnnotations({ reference }: BaseImage, base: Descriptor): Annotations {
  return {
    'org.opencontainers.image.base.name': reference.replace(/@.*/, ''),
    'org.opencontainers.image.base.digest': base.digest,
  };
}
