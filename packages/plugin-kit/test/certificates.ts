import { generate } from 'selfsigned';

/** PEM texts. */
interface Certificate {
  readonly cert: string;
  readonly private: string;
}

/** A certificate authority that lives as long as the test, and what it signed. */
export interface TestAuthority {
  readonly ca: Certificate;
  readonly server: Certificate;
  readonly client: Certificate;
}

export async function testAuthority(): Promise<TestAuthority> {
  const options = { keyType: 'ec', algorithm: 'sha256' } as const;
  const ca = await generate([{ name: 'commonName', value: 'test authority' }], {
    ...options,
    extensions: [{ name: 'basicConstraints', cA: true, critical: true }],
  });
  const signed = (name: string) =>
    generate([{ name: 'commonName', value: name }], {
      ...options,
      ca: { key: ca.private, cert: ca.cert },
      extensions: [
        {
          name: 'subjectAltName',
          altNames: [
            { type: 2, value: 'localhost' },
            { type: 7, ip: '127.0.0.1' },
          ],
        },
      ],
    });
  return { ca, server: await signed('server'), client: await signed('client') };
}
