import {
  contentOf,
  descriptorOf,
  digestOf,
  mediaType,
  type Descriptor,
  type Repository,
} from '@teleport-plugins/oci';

/** Pushes a base image with one small layer for each of two platforms, and returns its index. */
export async function pushTestBase(repository: Repository): Promise<Descriptor> {
  const manifests = [];
  for (const architecture of ['amd64', 'arm64']) {
    const layerBytes = Buffer.from(`the layer of ${architecture}`);
    const layer = descriptorOf(mediaType.ociLayerTar, layerBytes);
    const configBytes = json({
      os: 'linux',
      architecture,
      config: { Env: ['PATH=/usr/local/bin'] },
      rootfs: { type: 'layers', diff_ids: [digestOf(layerBytes)] },
    });
    const config = descriptorOf(mediaType.ociConfig, configBytes);
    await repository.blobs.push(layer, contentOf(layerBytes));
    await repository.blobs.push(config, contentOf(configBytes));
    const manifest = await pushManifest(repository, mediaType.ociManifest, {
      config,
      layers: [layer],
    });
    manifests.push({ ...manifest, platform: { os: 'linux', architecture } });
  }
  return pushManifest(repository, mediaType.ociIndex, { manifests });
}

async function pushManifest(
  repository: Repository,
  type: string,
  members: object,
): Promise<Descriptor> {
  const bytes = json({ schemaVersion: 2, mediaType: type, ...members });
  const descriptor = descriptorOf(type, bytes);
  await repository.manifests.push(descriptor, bytes);
  return descriptor;
}

function json(value: object): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}
