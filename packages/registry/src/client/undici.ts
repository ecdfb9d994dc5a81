/** What is loaded of the library, once it is needed. Named here, because a bundle knows no names of CommonJS in `import()`. */
export { Agent, EnvHttpProxyAgent, Pool } from 'undici';
