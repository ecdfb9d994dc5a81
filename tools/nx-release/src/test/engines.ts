import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

import { findPeer, temporaryDirectory } from '@teleport-plugins/testing';

const behaviours = {
  answers: (file: string) =>
    `case $1 in load) cat > ${file};; image) cat ${file}.id;; *) echo linux/arm64;; esac`,
  'runs another platform': (file: string) =>
    `case $1 in load) cat > ${file};; *) echo linux/s390x;; esac`,
  'is stopped': () => 'echo "Cannot connect to the Docker daemon" >&2; exit 1',
  refuses: () =>
    'case $1 in load) cat > /dev/null; echo no space left on device >&2; exit 1;; *) echo linux/arm64;; esac',
  leaves: () =>
    'case $1 in load) exec <&-; echo something else >&2; exit 3;; *) echo linux/arm64;; esac',
};

/**
 * Programs that stand in for engines, for linux/arm64 unless it is said, and the file to which they load. What is in
 * `loaded.tar.id` is to them the id of every image, if that is there.
 */
export async function engines(
  programs: Readonly<Partial<Record<'docker' | 'podman', keyof typeof behaviours>>>,
): Promise<{ readonly PATH: string; readonly loaded: string }> {
  const folder = await temporaryDirectory();
  const loaded = join(folder, 'loaded.tar');
  for (const [name, behaviour] of Object.entries(programs)) {
    const program = join(folder, name);
    await writeFile(program, `#!/bin/sh\n${behaviours[behaviour](loaded)}\n`);
    await chmod(program, 0o755);
  }
  // Only what the scripts and the step need, and none of this machine's engines.
  const tools = join(folder, 'tools');
  await mkdir(tools);
  for (const tool of ['cat', 'git', 'sh', 'node']) {
    const found = findPeer({ program: tool, install: '' });
    if (found !== undefined) await symlink(found, join(tools, tool));
  }
  return { PATH: [folder, tools].join(delimiter), loaded };
}
