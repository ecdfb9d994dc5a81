import { temporaryDirectory } from '@teleport-plugins/testing';

import { repositoryContract } from '../contract.js';
import { createLayout } from './layout.js';

repositoryContract('An image layout', async () => createLayout(await temporaryDirectory()));
