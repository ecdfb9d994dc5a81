import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { Secret } from '@teleport-plugins/secrets';
import { describeWithPeer, temporaryDirectory } from '@teleport-plugins/testing';
import { describe, expect, test } from 'vitest';

import { generated, keyDate, keyNamed, signerNamed, signingDate } from '../test/keys.js';
import { openPgpSigner } from './open-pgp-signer.js';
import { openPgp } from './openpgp.js';
import { parsePublicKey, type PublicArmor } from './public-key.js';
import { signedByBoth } from './signer.js';
import { verifySignature } from './verify.js';

const options = { date: signingDate, where: 'SIGNING_KEY' };
const sums = Buffer.from(`${'ab'.repeat(32)}  terraform-provider-teleport_9.1.3_linux_amd64.zip\n`);

describe('An OpenPGP signer', () => {
  test('signs the same each time, and what it signs verifies with the key that it shows', async () => {
    const signer = await openPgpSigner(await keyNamed('a'), options);
    const signature = await signer.sign(sums);
    expect(Buffer.from(await signer.sign(sums)).equals(signature)).toBe(true);
    const again = await openPgpSigner(await keyNamed('a'), options);
    expect(Buffer.from(await again.sign(sums)).equals(signature)).toBe(true);
    expect(again.keys).toEqual(signer.keys);
    expect(signer.warnings).toEqual([]);
    expect(signer.keys[0].armor).toMatch(
      /^-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n[A-Za-z0-9+/=\n]+\n-----END/,
    );
    await verifySignature(sums, signature, signer.keys, { where: 'x', at: signingDate });
    const { readKey } = await openPgp();
    const key = await readKey({ armoredKey: signer.keys[0].armor });
    expect(signer.keys[0].keyId).toBe(key.getKeyID().toHex().toUpperCase());
  });

  test('opens a key with its passphrase', async () => {
    const key = await generated({ passphrase: 'open sesame' });
    const signer = await openPgpSigner(key, { ...options, passphrase: new Secret('open sesame') });
    await signer.sign(sums);
    for (const [passphrase, what] of [
      [undefined, 'is locked by a passphrase, and none is given'],
      [new Secret('open'), 'does not open with the passphrase that is given'],
    ] as const) {
      const given = passphrase === undefined ? {} : { passphrase };
      await expect(openPgpSigner(key, { ...options, ...given })).rejects.toMatchObject({
        code: 'passphrase-wrong',
        message: `SIGNING_KEY: the key ${what}; set the passphrase of this key`,
      });
    }
  });

  test('signs with a subkey that is made for it', async () => {
    const signer = await openPgpSigner(await generated({ subkeys: [{ sign: true }] }), options);
    await verifySignature(sums, await signer.sign(sums), signer.keys, { where: 'x' });
  });

  test('warns of a key that old clients cannot read, and signs', async () => {
    const signer = await openPgpSigner(
      await generated({ type: 'ecc', curve: 'ed25519Legacy' }),
      options,
    );
    expect(signer.warnings).toEqual([
      expect.stringMatching(
        /^SIGNING_KEY: is an Ed25519 key, with which Terraform before 1\.6 installs nothing/,
      ),
    ]);
    await signer.sign(sums);
  });

  test.each([
    ['is an Ed25519 or Ed448 key of RFC 9580', { type: 'curve25519' }],
    ['is an Ed25519 or Ed448 key of RFC 9580', { type: 'curve448' }],
    ['is of the version 6', { type: 'curve25519', config: { v6Keys: true } }],
    ['is an RSA key of 1024 bits', { rsaBits: 1024 }],
    ['has the algorithm 19', { type: 'ecc', curve: 'nistP256' }],
    ['has expired at 2026-11-01T01:00:00.000Z', { keyExpirationTime: 3600 }],
    ['is not valid before 2026-11-03T00:00:00.000Z', { date: new Date('2026-11-03T00:00:00Z') }],
  ] as const)('refuses a key that %s', async (what, kind) => {
    const error: unknown = await openPgpSigner(await generated(kind), options).catch(
      (e: unknown) => e,
    );
    expect(error).toMatchObject({
      code: 'key-refused',
      message: expect.stringContaining(`SIGNING_KEY: the key ${what}`) as string,
    });
  });

  test('refuses a key that is revoked, whenever that was', async () => {
    const { readPrivateKey, revokeKey } = await openPgp();
    const key = await readPrivateKey({ armoredKey: (await keyNamed('a')).reveal() });
    const revoked = await revokeKey({
      key,
      date: new Date('2027-01-01T00:00:00Z'),
      format: 'armored',
    });
    await expect(openPgpSigner(new Secret(revoked.privateKey), options)).rejects.toMatchObject({
      code: 'key-refused',
      message: expect.stringContaining('the key is revoked') as string,
    });
  });

  test('says what is wrong with a text that is no private key, and nothing of the text', async () => {
    const [a, b] = [(await keyNamed('a')).reveal(), (await keyNamed('b')).reveal()];
    const { keys } = await signerNamed('a');
    for (const [text, what] of [
      ['', 'holds no ASCII armor'],
      ['hunter2', 'holds no ASCII armor'],
      [keys[0].armor, 'holds a public key, which cannot sign'],
      [`${a}\n${b}`, 'holds 2 keys, and one must be chosen'],
      [await together(a, b), 'holds 2 keys, and one must be chosen'],
      [a.replace(/\n\n[^\n]{20}/, '\n\nhunter2hunter2hunter'), ''],
      [a.slice(0, a.length / 2), 'holds no ASCII armor'],
      ['-----BEGIN PGP MESSAGE-----\n\nhunter2=\n-----END PGP MESSAGE-----\n', 'holds no key'],
    ] as const) {
      const failing = openPgpSigner(new Secret(text), options);
      const error = (await failing.catch((e: unknown) => e)) as Error;
      expect(error).toMatchObject({ code: 'key-invalid' });
      expect(error.message).toContain(`SIGNING_KEY: ${what}`);
      expect(error.message).not.toContain('hunter2');
    }
  });
});

describe('Two signatures in one', () => {
  test('verify with either key, which is how a rotation begins', async () => {
    const [old, fresh] = [await signerNamed('a'), await signerNamed('b')];
    const both = signedByBoth(old, fresh);
    const signature = await both.sign(sums);
    expect(both.keys.map(({ keyId }) => keyId)).toEqual([old.keys[0].keyId, fresh.keys[0].keyId]);
    for (const keys of [old.keys, fresh.keys, both.keys]) {
      await verifySignature(sums, signature, keys, { where: 'x' });
    }
    await expect(
      verifySignature(sums, signature, (await signerNamed('c')).keys, { where: 'x' }),
    ).rejects.toMatchObject({ code: 'signature-invalid' });
  });
});

describe('A signature', () => {
  test.each<[string, (signature: Buffer) => [Buffer, Buffer], string]>([
    ['of other content', (s: Buffer) => [Buffer.from('other'), s], 'does not verify with the key'],
    [
      'that is armored',
      (s: Buffer) => [
        sums,
        Buffer.from(`-----BEGIN PGP SIGNATURE-----\n\n${s.toString('base64')}`),
      ],
      'is not a detached binary signature',
    ],
    ['that is cut short', (s: Buffer) => [sums, s.subarray(0, 100)], ''],
    ['that is empty', () => [sums, Buffer.alloc(0)], ''],
    [
      'that is a web page',
      () => [sums, Buffer.from('<html>')],
      'is not a detached binary signature',
    ],
    [
      'that is damaged',
      (s: Buffer) => [sums, Buffer.from(s.map((byte, at) => (at === 200 ? byte ^ 1 : byte)))],
      'does not verify with the key',
    ],
  ])('%s is invalid', async (_, change, what) => {
    const signer = await signerNamed('a');
    const [content, signature] = change(Buffer.from(await signer.sign(sums)));
    await expect(
      verifySignature(content, signature, signer.keys, { where: 'x' }),
    ).rejects.toMatchObject({
      code: 'signature-invalid',
      message: expect.stringContaining(what) as string,
    });
  });

  test('from the future is invalid, and one by a key that has expired since is not', async () => {
    const key = await generated({ keyExpirationTime: 7 * 86_400 });
    const signer = await openPgpSigner(key, options);
    const signature = await signer.sign(sums);
    await expect(
      verifySignature(sums, signature, signer.keys, { where: 'x', at: keyDate }),
    ).rejects.toThrow('is dated in the future');
    await verifySignature(sums, signature, signer.keys, { where: 'x', at: new Date('2030-01-01') });
  });

  test('needs a key that can be read', async () => {
    const signer = await signerNamed('a');
    const signature = await signer.sign(sums);
    const damaged = { keyId: 'ABCD', armor: 'no key' as PublicArmor };
    for (const keys of [[], [damaged]]) {
      await expect(verifySignature(sums, signature, keys, { where: 'x' })).rejects.toMatchObject({
        code: 'signature-invalid',
      });
    }
  });
});

describeWithPeer({ program: 'gpg', install: 'apt-get install gnupg' }, (program) => {
  async function home() {
    const directory = await temporaryDirectory();
    await mkdir(join(directory, 'gnupg'), { mode: 0o700 });
    const gpg = (...args: readonly string[]) =>
      execFileSync(
        program,
        ['--homedir', join(directory, 'gnupg'), '--batch', '--no-tty', ...args],
        {
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'pipe'],
        },
      );
    const put = async (name: string, content: string | Uint8Array) => {
      await writeFile(join(directory, name), content);
      return join(directory, name);
    };
    return { gpg, put };
  }

  test('gpg verifies the signature, and each half of a double one', async () => {
    const { gpg, put } = await home();
    const both = signedByBoth(await signerNamed('a'), await signerNamed('b'));
    for (const [index, { armor }] of both.keys.entries()) {
      gpg('--import', await put(`key${index}`, armor));
    }
    const file = await put('SHA256SUMS', sums);
    gpg(
      '--faked-system-time',
      '20261103T000000',
      '--verify',
      await put('sig', await both.sign(sums)),
      file,
    );
  });

  test('a key of gpg signs, locked or not, and its id is the one gpg shows', async () => {
    const { gpg, put } = await home();
    const file = await put('SHA256SUMS', sums);
    for (const [name, passphrase] of [
      ['plain', ''],
      ['locked', 'open sesame'],
    ] as const) {
      const secret = ['--pinentry-mode', 'loopback', '--passphrase', passphrase];
      gpg(...secret, '--quick-gen-key', name, 'rsa2048', 'sign', '0');
      const key = new Secret(gpg(...secret, '--armor', '--export-secret-keys', name));
      const date = new Date(Date.now() + 1000);
      const given = passphrase === '' ? {} : { passphrase: new Secret(passphrase) };
      const signer = await openPgpSigner(key, { date, where: 'KEY', ...given });
      const listed = gpg('--with-colons', '--list-keys', name);
      expect(listed).toContain(`:${signer.keys[0].keyId}:`);
      const exported = parsePublicKey(gpg('--armor', '--export', name), 'x');
      expect(exported.keyId).toBe(signer.keys[0].keyId);
      gpg('--ignore-time-conflict', '--verify', await put('sig', await signer.sign(sums)), file);
    }
  });
});

/** Two keys in one armor. */
async function together(...armors: readonly string[]): Promise<string> {
  const { armor, enums, readPrivateKey } = await openPgp();
  const keys = await Promise.all(armors.map((armoredKey) => readPrivateKey({ armoredKey })));
  const bytes = Buffer.concat(keys.map((key) => key.write()));
  return armor(enums.armor.privateKey, bytes);
}
