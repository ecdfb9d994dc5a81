import { command } from './command.js';
import { runNx } from './nx.js';
import { releaseOfTag } from './releases.js';
import { workspaceRoot } from './workspace.js';

await command(
  {
    name: 'tf-release',
    does: 'Publishes a release tag in the Terraform registries: of staging, if it is not there yet, then of production.',
    operands: { TAG: 'terraform-provider-teleport-v9.1.3' },
  },
  async ({ operands: [given = ''], environment, rest }, host) => {
    const { project, tag } = await releaseOfTag(given);
    const target = `${project}:tf-release`;
    return runNx(workspaceRoot, [target, '-c', environment, '--', '--tag', tag, ...rest], host);
  },
);
