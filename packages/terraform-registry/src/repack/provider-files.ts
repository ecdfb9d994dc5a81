import { formatArchiveName, type ArchiveName } from '../archives/name.js';
import type { Content, OperationOptions } from '../content.js';
import { TerraformRegistryError } from '../error.js';
import { quoted } from '../quoted.js';
import { meter, type Sha256 } from '../sha256.js';
import { gunzip } from './gunzip.js';
import { programContent } from './program-content.js';
import { damaged, refused } from './refusal.js';
import { readTar, type TarMember } from './tar.js';
import type { ZipFile } from './zip.js';

/** An archive as it was built, with the checksum that its content must have. */
export interface ArchiveContent {
  readonly name: ArchiveName;
  /** Where it is, for messages; its name by default. */
  readonly where?: string;
  readonly sha256: Sha256;
  readonly content: Content;
}

export interface ReadOptions extends OperationOptions {
  /** The most that an archive may hold, in bytes: more is taken for an attack. */
  readonly sizeLimit?: number;
}

const defaultSizeLimit = 2 * 1024 ** 3;
const fileLimit = 16;

/**
 * The files of a provider's archive as they are in its zip. Terraform installs whatever a zip holds and
 * starts the one file of its root whose name begins with the provider's, so that one is here under the name
 * that all providers use, and may be executed; beside it only a licence, a readme, a notice and a change log
 * are accepted. A program that says in its beginning that it is for another platform is refused. All that there is to check is checked when the last file was read. Throws
 * `archive-damaged` and `archive-refused`.
 */
export async function* providerFiles(
  archive: ArchiveContent,
  options: ReadOptions = {},
): AsyncGenerator<ZipFile, void> {
  const { where = formatArchiveName(archive.name) } = archive;
  const measured = meter();
  const bytes = observed(archive.content, measured.add, options);
  const tar = limited(gunzip(bytes, where), options.sizeLimit ?? defaultSizeLimit, where);
  const names = new Set<string>();
  const program = programName(archive.name);
  for await (const member of readTar(tar, where)) {
    const file = fileOf(member, archive.name, where);
    if (file === undefined) continue;
    if (names.has(file.name)) throw refused(where, `has ${quoted(file.name)} twice`);
    names.add(file.name);
    if (names.size > fileLimit) throw refused(where, `has more than ${fileLimit} files`);
    yield file;
  }
  checkSha256(measured.sha256(), archive.sha256, where);
  if (!names.has(program)) {
    throw refused(where, `has no file "terraform-provider-${archive.name.type}" at its root`);
  }
}

/** `terraform-provider-teleport_v9.1.3`; Windows starts nothing without an ending. */
function programName({ type, version, platform }: ArchiveName): string {
  return `terraform-provider-${type}_v${version}${platform.os === 'windows' ? '.exe' : ''}`;
}

const accompanying = /^(?:LICENSE|README|NOTICE|CHANGELOG)(?:\.md|\.txt)?$/;

/** The file that a member becomes; `undefined` for the root folder itself. */
function fileOf(member: TarMember, archive: ArchiveName, where: string): ZipFile | undefined {
  const path = member.path.replace(/^\.\/+/, '').replace(/^\.$/, '');
  if (member.kind === 'directory') {
    if (path === '') return undefined;
    throw refused(where, `has the folder ${quoted(path)} in it`);
  }
  const { size, content } = member;
  if (isProgram(path, archive)) {
    if (size === 0) throw refused(where, `${quoted(path)} in it is empty`);
    const program = programContent(content, archive, where);
    return { name: programName(archive), mode: 0o755, size, content: program };
  }
  if (accompanying.test(path)) return { name: path, mode: 0o644, size, content };
  throw refused(where, `has ${quoted(member.path)} in it`);
}

/** Whether a path is the provider's program as builds name it: with or without the version. */
function isProgram(path: string, archive: ArchiveName): boolean {
  const plain = `terraform-provider-${archive.type}`;
  const versioned = `${plain}_v${archive.version}`;
  if (path === plain || path === versioned) return true;
  const isWindows = archive.platform.os === 'windows';
  return isWindows && (path === `${plain}.exe` || path === `${versioned}.exe`);
}

function checkSha256(found: Sha256, expected: Sha256, where: string): void {
  if (found === expected) return;
  throw new TerraformRegistryError(
    'archive-damaged',
    `${where}: has the sha256 ${found} and not ${expected}, which is beside it; upload the archive and its checksum again`,
  );
}

async function* observed(
  content: Content,
  add: (bytes: Uint8Array) => void,
  { signal }: OperationOptions,
): Content {
  for await (const piece of content) {
    signal?.throwIfAborted();
    add(piece);
    yield piece;
  }
}

async function* limited(content: Content, limit: number, where: string): Content {
  let size = 0;
  for await (const piece of content) {
    size += piece.length;
    if (size > limit) throw damaged(where, `holds more than ${limit} bytes`);
    yield piece;
  }
}
