import type { ArchiveName } from '../archives/name.js';
import { platformsOfProgram, programHeadSize } from '../archives/program.js';
import type { Content } from '../content.js';
import { TerraformRegistryError } from '../error.js';
import { platformKey } from '../platform.js';

/**
 * The content of a provider's program, unless its beginning says that it is for another platform than its
 * archive: then `archive-refused`, before anything of it is passed on.
 */
export async function* programContent(
  content: Content,
  archive: ArchiveName,
  where: string,
): Content {
  const head: Uint8Array[] = [];
  let size = 0;
  let isChecked = false;
  for await (const piece of content) {
    if (!isChecked) {
      head.push(piece);
      size += piece.length;
      if (size < programHeadSize) continue;
      refuseOther(head, archive, where);
      isChecked = true;
      yield* head;
    } else yield piece;
  }
  if (isChecked) return;
  refuseOther(head, archive, where);
  yield* head;
}

function refuseOther(head: readonly Uint8Array[], archive: ArchiveName, where: string): void {
  const found = platformsOfProgram(Buffer.concat(head))?.map(platformKey);
  const own = platformKey(archive.platform);
  if (found === undefined || found.includes(own)) return;
  const what = found.length === 0 ? 'another kind of machine' : found.join(' and ');
  throw new TerraformRegistryError(
    'archive-refused',
    `${where}: has a program for ${what} in it, and not for ${own}; build the archive again, with the program of its platform`,
  );
}
