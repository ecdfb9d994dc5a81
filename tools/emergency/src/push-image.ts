import { checkOut } from './checkout.js';
import { command } from './command.js';
import { runNx } from './nx.js';
import { releaseOfImage } from './releases.js';

await command(
  {
    name: 'push-image',
    does: 'Builds a version of a plugin from a clean checkout of its release tag, and stages it.',
    operands: { PLUGIN: 'email', VERSION: '9.3.7' },
  },
  async ({ operands: [plugin = '', version = ''], environment, rest }, host) => {
    const { project, tag } = await releaseOfImage(plugin, version);
    const checkout = await checkOut(tag, environment, host);
    const target = `${project}:push-staging`;
    return runNx(checkout, [target, '-c', environment, '--', '--tag', tag, ...rest], host);
  },
);
