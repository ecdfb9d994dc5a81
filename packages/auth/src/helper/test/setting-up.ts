/**
 * A process of its own for the tests: registers a registry with the helper, and the helper with a docker
 * configuration, in a folder.
 */
import { join } from 'node:path';

import { setUpHelper } from '../setup.js';

const [folder = '', account = ''] = process.argv.slice(2);
const region = 'us-west-2';

await setUpHelper(
  {
    registrations: join(folder, 'config/registries.json'),
    configs: [join(folder, '.docker/config.json')],
  },
  new Map([
    [
      `${account}.dkr.ecr.${region}.amazonaws.com`,
      {
        environment: 'production',
        region,
        registry: {
          kind: 'private',
          account,
          region,
          partition: 'aws',
          fips: false,
          dualStack: false,
        },
      },
    ],
  ]),
);
