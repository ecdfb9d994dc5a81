import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describeWithPeer, temporaryDirectory } from '@teleport-plugins/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { keyServiceOf } from '../test/key-service.js';
import { generated, keyDate, keyNamed, signingDate } from '../test/keys.js';
import { openPgpSigner } from './open-pgp-signer.js';
import { openPgp } from './openpgp.js';
import { packetsOf } from './packets.js';
import { remoteSigner, type RemoteSignerOptions } from './remote-signer.js';
import { rsaSignature } from './rsa-signature.js';

const options = { date: signingDate, where: 'the key service' };
const sums = Buffer.from(`${'ab'.repeat(32)}  terraform-provider-teleport_9.1.3_linux_amd64.zip\n`);

/** The public half of a key, and the service that has the private one. */
async function remote(name: string): Promise<RemoteSignerOptions> {
  const key = await keyNamed(name);
  const [{ armor }] = (await openPgpSigner(key, options)).keys;
  return { ...options, publicKeyArmor: armor, signDigest: await keyServiceOf(key) };
}

describe('A key that never leaves a service', () => {
  test.each([
    ['itself', {}],
    ['with its subkey', { subkeys: [{ sign: true }] }],
  ])('signs %s what the same key signs here, byte for byte, each time', async (_, kind) => {
    const key = await generated(kind);
    const here = await openPgpSigner(key, options);
    const [{ armor: publicKeyArmor }] = here.keys;
    const signDigest = await keyServiceOf(key);
    const signer = await remoteSigner({ ...options, publicKeyArmor, signDigest });
    expect(signer.keys).toEqual(here.keys);
    expect(signer.warnings).toEqual([]);
    for (const content of [sums, Buffer.of(), Buffer.alloc(100_000, 'x'), sums]) {
      const signature = Buffer.from(await signer.sign(content));
      expect(signature.equals(await here.sign(content))).toBe(true);
    }
  });

  test('signs what openpgp.js accepts, with its date in it', async () => {
    const given = await remote('a');
    const signature = await (await remoteSigner(given)).sign(sums);
    const { createMessage, readKey, readSignature, verify } = await openPgp();
    const { signatures } = await verify({
      message: await createMessage({ binary: Uint8Array.from(sums) }),
      signature: await readSignature({ binarySignature: Uint8Array.from(signature) }),
      verificationKeys: (await readKey({ armoredKey: given.publicKeyArmor })).toPublic(),
      date: signingDate,
    });
    await expect(signatures[0]?.verified).resolves.toBe(true);
    const found = (await signatures[0]?.signature)?.packets[0];
    expect(found?.created).toEqual(signingDate);
  });

  test('is shown as it is published, whatever is around its armor', async () => {
    const given = await remote('a');
    const plain = await remoteSigner(given);
    const headed = given.publicKeyArmor.replace('\n\n', '\nComment: from the service\n\n');
    const signer = await remoteSigner({ ...given, publicKeyArmor: headed });
    expect(signer.keys).toEqual(plain.keys);
  });

  test.each<[string, (raw: Uint8Array) => Uint8Array, string]>([
    ['signs something else', (raw) => raw.map((byte) => byte ^ 1), 'signed what does not verify'],
    ['answers with too little', (raw) => raw.subarray(1), 'answered with 255 bytes'],
    ['answers with nothing', () => Buffer.of(), 'answered with 0 bytes'],
    ['answers with zeros', (raw) => Buffer.alloc(raw.length), 'signed what does not verify'],
  ])('is refused when the service %s', async (_, change, what) => {
    const given = await remote('a');
    const signDigest = async (digest: Uint8Array) => change(await given.signDigest(digest));
    const signer = await remoteSigner({ ...given, signDigest });
    await expect(signer.sign(sums)).rejects.toMatchObject({
      code: 'signature-invalid',
      message: expect.stringContaining(`the key service: the service ${what}`) as string,
    });
  });

  test('is refused when the service has another key', async () => {
    const { signDigest } = await remote('b');
    const signer = await remoteSigner({ ...(await remote('a')), signDigest });
    await expect(signer.sign(sums)).rejects.toMatchObject({ code: 'signature-invalid' });
  });

  test('passes on what the service throws', async () => {
    const signDigest = () => Promise.reject(new Error('access denied'));
    const signer = await remoteSigner({ ...(await remote('a')), signDigest });
    await expect(signer.sign(sums)).rejects.toThrow('access denied');
  });

  test.each([
    ['is no RSA key', { type: 'ecc', curve: 'ed25519Legacy' }],
    ['is an RSA key of 1024 bits', { rsaBits: 1024 }],
    ['has expired at 2026-11-01T01:00:00.000Z', { keyExpirationTime: 3600 }],
    ['is not valid before 2026-11-03T00:00:00.000Z', { date: new Date('2026-11-03T00:00:00Z') }],
  ] as const)('is refused when it %s, before anything is signed', async (what, kind) => {
    const { readPrivateKey } = await openPgp();
    const key = await readPrivateKey({ armoredKey: (await generated(kind)).reveal() });
    const publicKeyArmor = key.toPublic().armor();
    const signDigest = () => Promise.reject(new Error('was asked'));
    await expect(remoteSigner({ ...options, publicKeyArmor, signDigest })).rejects.toMatchObject({
      code: 'key-refused',
      message: expect.stringContaining(`the key service: the key ${what}`) as string,
    });
  });

  test('is refused when what is given is a private key, or none', async () => {
    const given = await remote('a');
    const secret = (await keyNamed('a')).reveal();
    const attempt = (publicKeyArmor: string) => remoteSigner({ ...given, publicKeyArmor });
    await expect(attempt(secret)).rejects.toMatchObject({ code: 'key-refused' });
    await expect(attempt('x')).rejects.toMatchObject({ code: 'key-invalid' });
  });
});

test('A signature is one packet, whatever leading zeros the answer of the service has', () => {
  const sizes = fc.uint8Array({ minLength: 1, maxLength: 512 });
  fc.assert(
    fc.property(sizes, fc.nat(20), (raw, zeros) => {
      const signed = Buffer.concat([Buffer.alloc(zeros), raw]);
      const unsigned = rsaSignature({ date: keyDate, fingerprint: Buffer.alloc(20, 7) });
      const [packet, ...others] = packetsOf(unsigned.packet(Buffer.alloc(64), signed)) ?? [];
      expect(others).toEqual([]);
      const body = packet!.body;
      const at = 6 + body.readUInt16BE(4) + 2 + 2;
      const value = (bytes: Buffer) => BigInt(`0x0${bytes.toString('hex')}`);
      const integer = value(body.subarray(at + 2));
      expect(integer).toBe(value(signed));
      const bits = integer === 0n ? 0 : integer.toString(2).length;
      expect(body.readUInt16BE(at)).toBe(bits);
      expect(body.length - at - 2).toBe(Math.ceil(bits / 8));
    }),
  );
});

describeWithPeer({ program: 'gpg', install: 'apt-get install gnupg' }, (gpg) => {
  test('verifies what a service has signed', async () => {
    const given = await remote('a');
    const signature = await (await remoteSigner(given)).sign(sums);
    const folder = await temporaryDirectory();
    const home = join(folder, 'home');
    await mkdir(home, { mode: 0o700 });
    const run = (...args: readonly string[]) =>
      execFileSync(gpg, ['--homedir', home, '--batch', '--status-fd', '1', ...args], {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'pipe'],
        encoding: 'utf8',
      });
    await writeFile(join(folder, 'key.asc'), given.publicKeyArmor);
    await writeFile(join(folder, 'sums'), sums);
    await writeFile(join(folder, 'sums.sig'), signature);
    run('--import', 'key.asc');
    expect(run('--verify', 'sums.sig', 'sums')).toContain('GOODSIG');
    await writeFile(join(folder, 'sums'), 'other');
    expect(() => run('--verify', 'sums.sig', 'sums')).toThrow('BAD');
  });
});
