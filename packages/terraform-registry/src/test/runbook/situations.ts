import { memoryStore } from '@teleport-plugins/object-store';

import { listArchives } from '../../archives/listing.js';
import { formatArchiveName } from '../../archives/name.js';
import { describePlan } from '../../publish/publish-plan.js';
import { planDiscard } from '../../repair/discard.js';
import { planRepair } from '../../repair/repair.js';
import { applyYank } from '../../repair/yank.js';
import { storeReader, urlReader } from '../../verify/reader.js';
import { signingDate } from '../keys.js';
import { planned, publish, releaseOf } from '../release.js';
import { keySituations } from './key-situations.js';
import {
  archivesOf,
  builtAgain,
  findingsIn,
  host,
  index,
  interrupted,
  mirror,
  platforms,
  promote,
  put,
  record,
  refusal,
  registry,
  released,
  staged,
  yankPlan,
  zip,
} from './world.js';

/** What a runbook's situation prints, by the name of its block. */
export const situations: Readonly<Record<string, () => Promise<string>>> = {
  ...keySituations,

  async interrupted() {
    const { staging, archives } = await interrupted();
    return describePlan(await planned(registry(staging), archives)).join('\n');
  },
  async 'left-by-another-attempt'() {
    const { staging } = await interrupted();
    const others = await builtAgain();
    return refusal(() => publish(registry(staging), others));
  },

  async 'no-archives'() {
    const archives = await archivesOf();
    return refusal(() => listArchives(memoryStore('s3://artifacts'), archives));
  },
  async 'no-checksum'() {
    const archives = await archivesOf();
    const [{ file }] = archives.archives;
    const artifacts = memoryStore('s3://artifacts');
    await put(artifacts, `teleport-plugins/tag/terraform-provider-teleport-v9.1.3/${file}`, 'x');
    return refusal(() => listArchives(artifacts, archives));
  },
  async 'damaged-archive'() {
    const archives = await archivesOf();
    const [first] = archives.archives;
    const [other] = (await archivesOf({ program: () => 'other' })).archives;
    const file = formatArchiveName(first.name);
    const damaged = { ...archives, archives: [{ ...other, file, sha256: first.sha256 }] as const };
    return refusal(() => publish(registry(memoryStore('s3://staging-bucket')), damaged));
  },

  async 'other-platform'() {
    const arm = Buffer.from('7f454c460201010000000000000000000200b700', 'hex');
    const mixed = await archivesOf({ program: () => arm });
    return refusal(() => publish(registry(memoryStore('s3://staging-bucket')), mixed));
  },

  async 'more-platforms'() {
    const { staging } = await staged();
    const more = await archivesOf({ platforms: [...platforms, 'darwin_arm64'] });
    return refusal(() => publish(registry(staging), more));
  },
  async 'more-platforms-staged'() {
    const { staging, archives } = await staged();
    const production = await released(staging, archives);
    const more = await archivesOf({ platforms: [...platforms, 'darwin_arm64'] });
    await publish(registry(staging), more, { addPlatforms: true });
    return refusal(() => promote(staging, production, more));
  },
  async 'fewer-platforms'() {
    const { staging } = await staged();
    const fewer = await archivesOf({ platforms: ['linux_amd64'] });
    return refusal(() => publish(registry(staging), fewer));
  },

  async 'other-archives'() {
    const { staging } = await staged();
    const others = await builtAgain();
    return refusal(() => promote(staging, memoryStore(), others));
  },
  async 'damaged-zip'() {
    const { staging, archives } = await staged();
    await put(staging, zip, 'x');
    return refusal(() => promote(staging, memoryStore(), archives));
  },
  async 'zip-gone'() {
    const { staging, archives } = await staged();
    await staging.delete(zip);
    return refusal(() => publish(registry(staging), archives));
  },

  async 'index-damaged'() {
    const { staging } = await staged();
    await put(staging, index, '{"versions":[{"ver');
    return findingsIn(storeReader(staging));
  },
  async 'index-damaged-publish'() {
    const { staging, archives } = await staged();
    await put(staging, index, '{"versions":[{"ver');
    return refusal(() => publish(registry(staging), archives));
  },
  async 'index-lost'() {
    const { staging } = await staged();
    await staging.delete(index);
    return findingsIn(storeReader(staging));
  },
  async 'index-lost-publish'() {
    const { staging } = await staged();
    await staging.delete(index);
    const plan = await planned(registry(staging), await releaseOf('9.1.4', { platforms }));
    return plan.warnings.join('\n');
  },
  async 'more-than-the-index-lost'() {
    const { staging } = await staged();
    await staging.delete(index);
    await staging.delete('registry/gravitational/teleport/9.1.3/download/linux/amd64');
    const archives = await releaseOf('9.1.4', { platforms });
    return refusal(() => publish(registry(staging), archives));
  },
  async 'index-damaged-repair'() {
    const { staging } = await staged();
    await put(staging, index, '{"versions":[{"ver');
    return (await planRepair(registry(staging))).remarks.join('\n');
  },
  async 'record-lost-repair'() {
    const { staging } = await staged();
    await staging.delete(record);
    return (await planRepair(registry(staging))).remarks.join('\n');
  },
  async 'record-and-index-lost-repair'() {
    const { staging } = await staged();
    for (const key of [record, index, mirror]) await staging.delete(key);
    return (await planRepair(registry(staging))).remarks.join('\n');
  },
  async 'record-and-zip-lost-repair'() {
    const { staging } = await staged();
    await staging.delete(record);
    await staging.delete(zip);
    return (await planRepair(registry(staging))).remarks.join('\n');
  },
  async 'discard-refused'() {
    const { staging, archives } = await staged();
    await staging.delete(record);
    await staging.delete(index);
    return refusal(() => planDiscard(registry(staging), archives.version));
  },
  async 'index-with-a-stranger-repair'() {
    const { staging } = await staged();
    const entry = {
      version: '8.0.0',
      protocols: ['5.0'],
      platforms: [{ os: 'linux', arch: '386' }],
    };
    await put(staging, index, JSON.stringify({ versions: [entry] }));
    return (await planRepair(registry(staging))).remarks.join('\n');
  },

  async yank() {
    return (await yankPlan(false)).plan.consequences.join('\n');
  },
  async 'yank-hard'() {
    return (await yankPlan(true)).plan.consequences.join('\n');
  },
  async yanked() {
    const { plan, staging, production, archives } = await yankPlan(true);
    await applyYank(plan);
    return refusal(() => promote(staging, production, archives));
  },

  async 'no-conditions'() {
    const { staging, archives } = await staged();
    const store = memoryStore('s3://production-bucket');
    const ignoring = { ...store, honoursConditions: () => Promise.resolve(false) };
    return refusal(() => promote(staging, ignoring, archives));
  },
  async forbidden() {
    const answering = () => Promise.resolve(new Response('', { status: 403 }));
    const [first = ''] = (await findingsIn(urlReader(new URL(`https://${host}`), answering))).split(
      '\n',
    );
    return first;
  },
  async 'signed-in-the-future'() {
    const store = memoryStore('s3://staging-bucket');
    const at = new Date(signingDate.getTime() - 1000);
    const archives = await archivesOf();
    return refusal(() => publish(registry(store), archives, { at }));
  },
};
