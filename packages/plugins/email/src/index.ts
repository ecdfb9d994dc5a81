export { emailPlugin } from './plugin.js';
