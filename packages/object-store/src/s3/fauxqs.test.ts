import { startFauxqs } from 'fauxqs';
import { onTestFinished } from 'vitest';

import { objectStoreContract } from '../contract.js';
import { openedStore } from './test/opened.js';

// A server that others wrote. It ignores the conditions of writes, which is to be found out, and knows no
// copies of parts.
objectStoreContract(
  'A bucket of fauxqs',
  async () => {
    const server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false });
    onTestFinished(() => server.stop());
    server.createBucket('bucket');
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const endpoint = `http://127.0.0.1:${server.port}`;
    return openedStore({ region: 'us-east-1', credentials, endpoint });
  },
  { lacks: ['conditions', 'cache control', 'order'] },
);
