export { describeWithPeer, findPeer, type Peer } from './peer.js';
export { temporaryDirectory } from './temporary-directory.js';
