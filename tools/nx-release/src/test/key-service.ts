import { join } from 'node:path';

import type { WorkspaceFiles } from './workspace-files.js';

/** The public half of a key that nobody uses for anything but these tests, in OpenPGP's form. */
const publicKey = [
  '-----BEGIN PGP PUBLIC KEY BLOCK-----',
  '',
  'xsBNBGd0hYABCADL2by2Afb50TY/3pwiH2EOEuNXi1ZOAkFR2UBtLSVUWJ7Z',
  'Tm+WgDvjck1iqR1TpWZqT0nWDacwRB+okwHAJ3w5FmIqvRlHWD92/3YZ1Dhe',
  'MTn18TpE5lC3B9TAFrX4uGwuV8dmeuErjn4LFBSD/RgtceHw+TeQ9Dcrb9TG',
  'ImCoqUZupjnYqL72TcVdb9YvAw9VoHqAD9RY1t0fAcrHn0BN+Q2MLHdFvhsU',
  'JnlJ+RhlF3CmYdbA5tfaPzeaPFzDgevYlc4MT5+ttBPjGlIJIvFLhT2MfHQ5',
  'iElzgxXrBhd16sOZkDO21jtBJqG8ti6yhol5FcTsrBti4NZgGzpMvkgxABEB',
  'AAHNQFRocm93YXdheSBrZXkgb2YgYSBsb2NhbCBUZXJyYWZvcm0gcmVnaXN0',
  'cnkgPG5vYm9keUBleGFtcGxlLmNvbT7CwIsEEwEKAD8Fgmd0hYADCwkHCRBL',
  'aW3YfBiiZQUVCggODAQWAAIBAhkBApsDAh4BFiEEZWrVep+HMqPfrvgKS2lt',
  '2HwYomUAABwpB/wKH/JmY65tnPDXHSN19NhxFx5XoLYmbU/Vwim9JgiIwgAK',
  '+j1kpNeTx6owS+8OA7JWHPpwBH/0EtpqAWhXAlPfMoiCczJb9RzaI8r5fR64',
  'aPlJURqeEYyTPpDYcVgh0Udi2wn/4o2/ZkqJ0wgTj0WJSsFAgTEDBmngns+k',
  'Pmqjq5YsFKtXhNz7EQM+JG0sbdWoNvaQF+ohJrfetm5iG82Z7g+U9/1N/WRQ',
  'DB1B2i4sWg+q0qfnB2Z8uitK5xBOMpRDOBmdepNQ3NK0C22rorGWcE0Q8vBs',
  '5/Lhkj/AwephkgJP0o9i78rHhE9WFFs6vWDstecWIkg6HSYfC5ASlBhq',
  '=d5Uq',
  '-----END PGP PUBLIC KEY BLOCK-----',
  '',
].join('\n');

/** Both halves, as a service would keep them. */
const rsaKey = {
  kty: 'RSA',
  n: [
    'y9m8tgH2-',
    'dE2P96cIh9hDhLjV4tWTgJBUdlAbS0lVFie2U5vloA743JNYqkdU6Vmak9J1g2nMEQfqJMBwCd8ORZiKr0ZR1g_dv9',
    '2GdQ4XjE59fE6ROZQtwfUwBa1-LhsLlfHZnrhK45-CxQUg_0YLXHh8Pk3kPQ3K2_UxiJgqKlGbqY52Ki-',
    '9k3FXW_WLwMPVaB6gA_UWNbdHwHKx59ATfkNjCx3Rb4bFCZ5SfkYZRdwpmHWwObX2j83mjxcw4Hr2JXODE-',
    'frbQT4xpSCSLxS4U9jHx0OYhJc4MV6wYXderDmZAzttY7QSahvLYusoaJeRXE7KwbYuDWYBs6TL5IMQ',
  ].join(''),
  e: 'AQAB',
  d: [
    'AZuEWXF6hedlPh7k34ADC-',
    'r3Ay6EgU9gCuOW40WDEQwB2xGhrG_ACSZSZeZfgAfCq8pXeR1ycnb9dbhzDK9DBraeeSfOMAajuXrnCFBPTkhx5JA0',
    'A9PgUkRfJFFv7er5ldDE_PhLF95vyZz6H6OHS64L0hKlCLrKri6bk7rOeFLM_gFwURHgeI9GQV5pvw_Oaj7fchMHB4',
    'hocL8A2_YtEiK5HkssUbMxrSlJ6ofbhIgW0hhZW5E-F8aZn14lbFW8QaLCWLQ0LIrJDxGL1MTdATHG-',
    '_iYVqUmDmSK8FBJX-DA6FDaBh0rP-URff6XUR2EdDYqLk1PdJM0WFsTcTdogQ',
  ].join(''),
  p: [
    '8ZamGUyk9Rb6tQ6k3TzFfF7UFAOxdHmCU6GJfqydCAz5K0J3T3ODB2r1wSTNTH94mkgcGRIdgradsluctNdMZaIKI1',
    'zohUgS6Ho9pSST2OGI8KGY__5HPUSNA7iPtdCb4EInDOOI_0rE2IvbMD9zHAngSbLHfkP0hoPvfd9vjbU',
  ].join(''),
  q: [
    '2ALIr41OUcesayJ5YTsuLhV3jNpAgK9DHSEDyXKrUXY0KrNfDmw6_Ur9qMeP1ZyApPCEOo3LrjHzQUw2P6jcdqxVYm',
    '5Wa6mDcp13YA44nocfFcKtAnpRvYzIPCzm4fXjgIh4ovqJli9KHUVrx-hb9nwtjzSY2GwR5kUTqaghfg0',
  ].join(''),
  dp: [
    'Ou-5jap5A6Gbf9gWuDI_K1wm-Mr926BY_vYFiPWrSW-AyeDpImTXrlOVqIzF2MewMFMvJ56XvG-',
    '4gO6AiE2Nwa2KM55Sy1EN69EGgOcvelVrBuklXi42SugSTroTtRMzM75vsGFB5qXi58EWs-qGtmxiXxhSOqdxW--',
    'L2XVMzZE',
  ].join(''),
  dq: [
    'nKZQMXdxT79VG5Cxo8COOd9Zhm0Uj_4J1ssFewbMlNP6-uh_y-7TTLMgh1DJz2iipnrB-dCw4A_bUARb5wincOyDM1',
    'G_HG6fI_RsCN3nU5e8BETcwMpCEwtQfss1WLLAHItbqR21v5Nl1RpuElhAsNzXEV5cZb7hsDNyEfwa5dU',
  ].join(''),
  qi: [
    'wIqFWbBs93vtNBOb4hvA62_PXeWI8g6i8D3vgvIq9t9qZGBuuJFmdATXx0x5rxjLbexejuS7Z-',
    'xbyv4C4qUqDkZE6Jr9P9jc5hiPhjsCVLeQMMxSiNjMQAboCEZVga2WuLcIJ74RoJKVB3UzCg_dzuspVLquDprpLpEw',
    '6GR_nMA',
  ].join(''),
};

/** What precedes a SHA-512 digest in what RSA signs. https://www.rfc-editor.org/rfc/rfc8017#section-9.2 */
const sha512Info = '3051300d060960864801650304020305000440';

const program = `
const { constants, createPrivateKey, privateEncrypt } = require('node:crypto');
const key = createPrivateKey({ key: ${JSON.stringify(rsaKey)}, format: 'jwk' });
const digest = require('node:fs').readFileSync(0);
if (digest.length !== 64 || process.argv[2] !== 'alias/key of tests') process.exit(3);
const info = Buffer.from('${sha512Info}', 'hex');
const options = { key, padding: constants.RSA_PKCS1_PADDING };
console.log(privateEncrypt(options, Buffer.concat([info, digest])).toString('base64'));
`;

/** Puts a public key into a workspace, and beside it a program that signs for it. */
export async function keyService({ root, write }: Pick<WorkspaceFiles, 'root' | 'write'>) {
  await write('keys/staging.asc', publicKey);
  await write('keys/sign.cjs', program);
  const command = [process.execPath, join(root, 'keys/sign.cjs'), 'alias/key of tests'];
  return { program: command, publicKey: 'keys/staging.asc' };
}
