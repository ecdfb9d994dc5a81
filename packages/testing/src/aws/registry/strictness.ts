import { RegistryFault } from './fault.js';

/** Throws what ECR Public answers to manifests that others take. */
export function checkStrictly(bytes: Uint8Array): void {
  const manifest = JSON.parse(Buffer.from(bytes).toString()) as Manifest;
  const { config, layers = [], manifests = [] } = manifest;
  const descriptors = [...(config ? [config] : []), ...layers, ...manifests];
  const isRefused =
    config?.annotations !== undefined ||
    config?.size === 0 ||
    descriptors.some(({ data, mediaType }) => data !== undefined || mediaType.includes(';')) ||
    manifests.some(({ platform }) => platform?.features !== undefined);
  if (!isRefused) return;
  throw new RegistryFault(
    405,
    'UNSUPPORTED',
    "Invalid parameter at 'ImageManifest' failed to satisfy constraint: 'Invalid JSON syntax'",
  );
}

interface Manifest {
  readonly config?: Descriptor;
  readonly layers?: readonly Descriptor[];
  readonly manifests?: readonly Descriptor[];
}

interface Descriptor {
  readonly mediaType: string;
  readonly size: number;
  readonly data?: unknown;
  readonly annotations?: unknown;
  readonly platform?: { readonly features?: unknown };
}
