import type { ObjectStore } from '@teleport-plugins/object-store';

import { keys } from '../documents/layout.js';
import { platformText } from '../documents/readers.js';
import { indexLimit } from '../documents/versions.js';
import { zip, type ZipFile } from '../repack/zip.js';
import { sha256Of } from '../sha256.js';
import { parseVersion } from '../version.js';
import { collect, inPieces } from './content.js';
import { signerNamed } from './keys.js';
import { address } from './release.js';

export interface OldVersionOptions {
  /** Where the registry is served, with a slash: it stands in the documents. */
  readonly base: string;
  readonly platforms?: readonly string[];
  readonly key?: string;
}

/**
 * A version as the tool before published it: all files side by side in `store/`, named as the archives, with sums
 * and a signature for each zip alone; whole addresses in the documents; no discovery; objects of the type that S3
 * gives to what has none.
 */
export async function publishAsBefore(
  store: ObjectStore,
  version: string,
  { base, platforms = ['linux_amd64', 'darwin_amd64'], key = 'a' }: OldVersionOptions,
): Promise<void> {
  const put = (at: string, bytes: Uint8Array) =>
    store.put(at, bytes, { mode: 'overwrite', contentType: 'binary/octet-stream' });
  const signer = await signerNamed(key);
  const protocols = ['4.0', '5.1'];
  const all = platforms.map((each) => platformText(each, 'test'));
  for (const { os, arch } of all) {
    const file = `terraform-provider-teleport-v${version}-${os}-${arch}-bin.zip`;
    const bytes = await zipOf(`#!/bin/sh\necho ${version} ${os}_${arch}\n`);
    const sums = Buffer.from(`${sha256Of(bytes)}  ${file}\n`);
    await put(`store/${file}`, bytes);
    await put(`store/${file}.sums`, sums);
    await put(`store/${file}.sums.sig`, await signer.sign(sums));
    const [{ keyId, armor }] = signer.keys;
    const document = {
      ...{ protocols, os, arch, filename: file },
      download_url: `${base}store/${file}`,
      shasums_url: `${base}store/${file}.sums`,
      shasums_signature_url: `${base}store/${file}.sums.sig`,
      shasum: sha256Of(bytes),
      signing_keys: {
        gpg_public_keys: [{ key_id: keyId, ascii_armor: armor.trimEnd(), trust_signature: '' }],
      },
    };
    const at = keys.download(address, parseVersion(version, 'test'), { os, arch });
    await put(at, Buffer.from(JSON.stringify(document)));
  }
  await listAsBefore(store, { version, protocols, platforms: all });
}

/** An entry of the index, whatever is in it. */
export async function listAsBefore(store: ObjectStore, entry: object): Promise<void> {
  const key = keys.index(address);
  const bytes = await (await store.get(key))?.bytes(indexLimit);
  const { versions } = JSON.parse(Buffer.from(bytes ?? '{"versions":[]}').toString()) as {
    readonly versions: readonly object[];
  };
  const text = JSON.stringify({ versions: [...versions, entry] });
  await store.put(key, Buffer.from(text), {
    mode: 'overwrite',
    contentType: 'binary/octet-stream',
  });
}

/** Of one program, under the name that it had in the archive. */
function zipOf(program: string): Promise<Buffer> {
  const bytes = Buffer.from(program);
  async function* files(): AsyncGenerator<ZipFile, void> {
    await Promise.resolve();
    const name = './terraform-provider-teleport';
    yield { name, mode: 0o755, size: bytes.length, content: inPieces(bytes) };
  }
  return collect(zip(files()));
}
