import { checkOut } from './checkout.js';
import { command } from './command.js';
import { runNx } from './nx.js';
import { releaseOfImage } from './releases.js';

await command(
  {
    name: 'promote-image',
    does: 'Makes a staged version of a plugin public, from a clean checkout of its release tag. Builds nothing.',
    operands: { PLUGIN: 'email', VERSION: '9.3.7' },
  },
  async ({ operands: [plugin = '', version = ''], environment, rest }, host) => {
    const { project, tag } = await releaseOfImage(plugin, version);
    const checkout = await checkOut(tag, environment, host);
    const target = `${project}:promote-public`;
    const alone = '--exclude-task-dependencies';
    return runNx(checkout, [target, '-c', environment, alone, '--', '--tag', tag, ...rest], host);
  },
);
