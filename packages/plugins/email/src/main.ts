import { processHost, runPlugin } from '@teleport-plugins/plugin-kit';

import packageJson from '../package.json' with { type: 'json' };
import { emailPlugin } from './plugin.js';

void runPlugin(emailPlugin, packageJson.version, processHost()).then((code) => process.exit(code));
