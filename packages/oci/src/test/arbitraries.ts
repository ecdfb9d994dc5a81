import * as fc from 'fast-check';

import type { Descriptor } from '../descriptor.js';
import type { Digest } from '../digest.js';
import { mediaType } from '../media-type.js';
import type { Platform } from '../platform.js';

const hex = '0123456789abcdef';

export const digests: fc.Arbitrary<Digest> = fc.oneof(
  textOf(hex, 64, 64).map((text): Digest => `sha256:${text}`),
  textOf(hex, 128, 128).map((text): Digest => `sha512:${text}`),
);

const annotations = fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }));

export const platforms: fc.Arbitrary<Platform> = fc.record(
  {
    os: fc.constantFrom('linux', 'windows', 'unknown'),
    architecture: fc.constantFrom('amd64', 'arm64', 'arm', 'unknown'),
    variant: fc.constantFrom('v6', 'v7', 'v8'),
    'os.version': fc.string(),
    'os.features': fc.array(fc.string()),
  },
  { requiredKeys: ['os', 'architecture'] },
);

export const descriptors: fc.Arbitrary<Descriptor> = fc.record(
  {
    mediaType: fc.constantFrom(...Object.values(mediaType), 'application/x.other+json'),
    digest: digests,
    size: fc.maxSafeNat(),
    urls: fc.array(fc.webUrl()),
    platform: platforms,
    artifactType: fc.constantFrom('application/vnd.example.sbom.v1', 'text/plain'),
    annotations,
  },
  { requiredKeys: ['mediaType', 'digest', 'size'] },
);

/** The members of an image manifest, without its type. */
export const imageMembers = fc.record(
  {
    config: descriptors,
    layers: fc.array(descriptors, { maxLength: 5 }),
    subject: descriptors,
    artifactType: fc.constant('application/vnd.example.sbom.v1'),
    annotations,
  },
  { requiredKeys: ['config', 'layers'] },
);

export const indexMembers = fc.record(
  {
    manifests: fc.array(descriptors, { maxLength: 5 }),
    subject: descriptors,
    artifactType: fc.constant('application/vnd.example.sbom.v1'),
    annotations,
  },
  { requiredKeys: ['manifests'] },
);

/** JSON values that come close to descriptors and manifests: their members, with all sorts of values. */
export const nearlyDocuments: fc.Arbitrary<unknown> = fc.letrec<{
  value: unknown;
  object: unknown;
}>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(...Object.values(mediaType)),
    digests,
    fc.constantFrom(2, 0, -1, 1.5, 1e300, true, null, '', 'e30='),
    fc.string({ unit: 'binary' }),
    fc.array(tie('object'), { maxLength: 3 }),
    tie('object'),
  ),
  object: fc.dictionary(
    fc.constantFrom(
      ...['schemaVersion', 'mediaType', 'digest', 'size', 'data', 'urls', 'platform', 'os'],
      ...['architecture', 'variant', 'artifactType', 'annotations', 'config', 'layers'],
      ...['manifests', 'subject', 'fsLayers', 'Layers', '__proto__', 'constructor'],
    ),
    tie('value'),
    { maxKeys: 10 },
  ),
})).value;

export function textOf(characters: string, minLength: number, maxLength: number) {
  return fc.string({ unit: fc.constantFrom(...Array.from(characters)), minLength, maxLength });
}
