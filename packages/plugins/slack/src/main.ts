import { processHost, runPlugin } from '@teleport-plugins/plugin-kit';

import packageJson from '../package.json' with { type: 'json' };
import { slackPlugin } from './plugin.js';

void runPlugin(slackPlugin, packageJson.version, processHost()).then((code) => process.exit(code));
