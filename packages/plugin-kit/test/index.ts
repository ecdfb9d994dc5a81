export { testAuthority } from './certificates.js';
export { created, reviewed, teleportEvents, updated } from './events.js';
export { readExample } from './example.js';
export { bundlePlugin, spawnPlugin } from './plugin-process.js';
