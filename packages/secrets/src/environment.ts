export { parseDroneSecrets } from './document/parse-drone-secrets.js';
export {
  selectVariables,
  type Environment,
  type Selection,
} from './environment/select-variables.js';
