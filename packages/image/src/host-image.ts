import type { Descriptor, OperationOptions, Repository } from '@teleport-plugins/oci';

import type { BaseConfig } from './base-config.js';
import { hostBaseReference } from './base.js';
import { imageConfig, timestamp } from './config.js';
import { fileTree, type ImageFile } from './file-tree.js';
import { libraryFolder, nodePath, type HostRuntime } from './host-runtime.js';
import { writePlainLayer } from './layer.js';
import { nonRootUser, type ImageSpec } from './spec.js';
import { writeConfig, writeIndex, writeManifest } from './write.js';

/** Counts the forms of this image: a change of what is in it, besides Node itself, is a new one. */
export const hostImageForm = 1;

/**
 * Writes an image of a Node and the little that it expects around it. Its layer is not compressed,
 * because that would take longer than it ever takes to copy it within a machine.
 */
export async function assembleHostImage(
  runtime: HostRuntime,
  repository: Repository,
  options: OperationOptions,
): Promise<Descriptor> {
  const files: readonly ImageFile[] = [
    ...runtime.files.map(({ path, file, executable }) => ({ path, source: { file }, executable })),
    ...Object.entries(accounts).map(([path, text]) => ({
      path,
      source: { bytes: Buffer.from(text) },
    })),
  ];
  const layer = await writePlainLayer(await fileTree(files, directories), repository.blobs, {
    mtime: 0,
    ...options,
  });

  const { platform, version } = runtime;
  const annotations = {
    'org.opencontainers.image.title': `Node.js ${version} of the machine that built it`,
    'org.opencontainers.image.created': timestamp(epoch),
    'org.opencontainers.image.base.name': hostBaseReference,
  };
  const parts = { base: nothing(runtime), diffId: layer.diffId, baseLabels: annotations };
  const config = await writeConfig(repository, imageConfig(specOf(runtime), parts), options);
  const layers = [layer.descriptor];
  const manifest = await writeManifest(repository, { config, layers, annotations }, options);
  const platforms = [{ platform, manifest }];
  return writeIndex(repository, { platforms, annotations }, options);
}

const epoch = new Date(0);

/** Who there is, and where names are looked up. A container engine puts its own hosts file in place. */
const accounts = {
  'etc/passwd': `root:x:0:0:root:/root:/sbin/nologin
nonroot:x:65532:65532:nonroot:/nonexistent:/sbin/nologin
`,
  'etc/group': `root:x:0:
nonroot:x:65532:
`,
  'etc/nsswitch.conf': `passwd: files
group: files
hosts: files dns
`,
  'etc/hosts': `127.0.0.1 localhost
::1 localhost
`,
};

const directories = new Map([['tmp', 0o1777]]);

function specOf({ platform, files }: HostRuntime): ImageSpec {
  const hasOwnLibraries = files.some((each) => each.path.startsWith(`${libraryFolder}/`));
  return {
    platforms: [platform],
    files: [],
    entrypoint: [`/${nodePath}`],
    user: nonRootUser,
    env: {
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      ...(hasOwnLibraries && { LD_LIBRARY_PATH: `/${libraryFolder}` }),
    },
    created: epoch,
  };
}

function nothing({ platform }: HostRuntime): BaseConfig {
  return { platform, env: [], labels: {}, volumes: [], diffIds: [], history: [] };
}
