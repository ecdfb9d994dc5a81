import { text } from './json/decode.js';

/** The name of an environment variable. https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap08.html */
export const variableName = text('the name of a variable such as "SIGNING_KEY"', (name) =>
  /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : undefined,
);
