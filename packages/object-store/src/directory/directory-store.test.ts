import { join } from 'node:path';

import { temporaryDirectory } from '@teleport-plugins/testing';

import { objectStoreContract } from '../contract.js';
import { directoryStore } from './directory-store.js';

objectStoreContract('A directory', async () =>
  directoryStore(join(await temporaryDirectory(), 'store')),
);
