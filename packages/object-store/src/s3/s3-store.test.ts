import { serveS3 } from '@teleport-plugins/testing';

import { objectStoreContract } from '../contract.js';
import { loopbackAgents, openedStore } from './test/opened.js';

objectStoreContract('A bucket', async () => openedStore(await serveS3({ pageSize: 7 })));
objectStoreContract('A part of a bucket whose name is in the host', async () => {
  const s3 = await serveS3({ pageSize: 7 });
  const endpoint = s3.virtualHostEndpoint;
  const place = { prefix: 'a part/of it', endpoint, addressing: 'virtual-host' } as const;
  return openedStore(s3, { ...place, agents: loopbackAgents() });
});
