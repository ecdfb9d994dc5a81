import { command } from './command.js';
import { runNx } from './nx.js';
import { releaseOfTag } from './releases.js';
import { workspaceRoot } from './workspace.js';

await command(
  {
    name: 'tf-stage',
    does: 'Publishes the archives of a release tag in the Terraform registry of staging.',
    operands: { TAG: 'terraform-provider-teleport-v9.1.3' },
  },
  async ({ operands: [given = ''], environment, rest }, host) => {
    const { project, tag } = await releaseOfTag(given);
    const target = `${project}:tf-stage`;
    return runNx(workspaceRoot, [target, '-c', environment, '--', '--tag', tag, ...rest], host);
  },
);
