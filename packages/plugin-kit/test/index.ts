export { type Certificate, testAuthority, type TestAuthority } from './certificates.js';
export { created, reviewed, teleportEvents, updated } from './events.js';
export { bundlePlugin, type PluginProcess, spawnPlugin } from './plugin-process.js';
