import { hostBaseReference, type BuiltImage } from '@teleport-plugins/image';
import { formatPlatform } from '@teleport-plugins/oci';

import { bundlePlugin } from '../../bundle/bundle.js';
import { readStoredBundle } from '../../bundle/stored-bundle.js';
import { openBase } from '../../environment/base.js';
import type { ImageParts } from '../../image/assemble.js';
import { readProvenance } from '../../sources/provenance.js';
import { bytes } from '../../step/amounts.js';
import type { Line } from '../../step/show.js';
import type { EnvironmentStep } from '../../step/step.js';

/** Reads all that goes into the image. In a dry run nothing has been bundled: that is made up for. */
export async function planImage(step: EnvironmentStep): Promise<ImageParts> {
  const { dryRun, workspaceRoot, plugin } = step;
  return {
    bundle: await (dryRun ? bundlePlugin(workspaceRoot, plugin.root) : readStoredBundle(step)),
    base: await openBase(step),
    provenance: await readProvenance(step),
  };
}

export function describeImage({ bundle, base, provenance }: ImageParts): readonly Line[] {
  const size = bytes(bundle.program.byteLength + bundle.licenses.byteLength);
  return [
    [
      'base',
      base.reference === hostBaseReference
        ? `this machine's Node, ${base.index.digest}`
        : base.reference,
    ],
    ['add', 'the bundle and its licences', size],
    ['revision', `${provenance.revision ?? 'none'}, ${provenance.created.toISOString()}`],
    ...provenance.notes.map((note): Line => ['note', note]),
  ];
}

export function describeBuilt({ index, platforms, omitted }: BuiltImage): string {
  const own = platforms[0]?.layers.at(-1)?.size ?? 0;
  const names = platforms.map(({ platform }) => formatPlatform(platform)).join(', ');
  const without = omitted.map(formatPlatform).join(', ');
  const lack = without === '' ? '' : `, without ${without} because the base is this machine's Node`;
  return `${index.digest} for ${names}, ${bytes(own)} on top of the base${lack}`;
}
