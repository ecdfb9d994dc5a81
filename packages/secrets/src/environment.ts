export { parseDroneSecrets } from './document/parse-drone-secrets.js';
export type { Environment, Selection } from './environment/selection.js';
export { selectVariables } from './environment/select-variables.js';
