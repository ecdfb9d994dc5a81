import { type Decoder, text } from '../json/decode.js';
import { list } from '../json/list.js';
import { object, required } from '../json/object.js';
import { line } from './texts.js';

/** What `release.json` says of a Terraform provider. */
export interface ProviderSettings {
  /** Its address in a registry is `host/namespace/type`. */
  readonly namespace: string;
  /** `teleport` of `terraform-provider-teleport`. */
  readonly type: string;
  readonly title: string;
  readonly description: string;
  /** The versions of Terraform's plugin protocol that it speaks, such as `6.0`. */
  readonly protocols: readonly string[];
  readonly platforms: readonly ProviderPlatform[];
}

/** What Terraform calls a platform, in the words of Go. */
export interface ProviderPlatform {
  readonly os: (typeof operatingSystems)[number];
  readonly arch: (typeof architectures)[number];
}

const operatingSystems = ['darwin', 'freebsd', 'linux', 'windows'] as const;
const architectures = ['386', 'amd64', 'arm', 'arm64'] as const;

const longest = 60;

const word = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

const platform: Decoder<ProviderPlatform> = text(
  'a platform of Terraform such as "linux_amd64" or "darwin_arm64"',
  (name) => {
    const os = operatingSystems.find((each) => name.startsWith(`${each}_`));
    const arch = architectures.find((each) => name === `${os}_${each}`);
    return os && arch && { os, arch };
  },
);

export const providerSettings: Decoder<ProviderSettings> = object(
  'a provider: { "namespace", "type", … }',
  {
    namespace: required(
      text('a namespace of providers such as "gravitational"', (name) =>
        word.test(name) && name.length <= longest ? name : undefined,
      ),
    ),
    type: required(
      // Terraform refuses a type that begins so: people mean the name of the program.
      text('the type of a provider such as "teleport", without "terraform-provider-"', (name) =>
        word.test(name) && name.length <= longest && !name.startsWith('terraform-')
          ? name
          : undefined,
      ),
    ),
    title: required(line('a title on one line')),
    description: required(line('a description on one line')),
    protocols: required(
      list(
        'an array of protocols such as "6.0"',
        text('a protocol of Terraform such as "6.0" or "5.0"', (protocol) =>
          /^[56]\.(?:0|[1-9]\d{0,2})$/.test(protocol) ? protocol : undefined,
        ),
        { minimum: 1, same: (a, b) => a === b },
      ),
    ),
    platforms: required(
      list('an array of platforms such as "linux_amd64"', platform, {
        minimum: 1,
        same: (a, b) => a.os === b.os && a.arch === b.arch,
      }),
    ),
  },
);
