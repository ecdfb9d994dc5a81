import { open, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { temporaryDirectory } from '@teleport-plugins/testing';
import { expect, test } from 'vitest';

import { created } from '../test/events.js';
import { openJournal } from './journal.js';
import { createLedger, eventKey, type LedgerEntry } from './ledger.js';

const durable = { durable: true };

function accepted(uid: string): LedgerEntry {
  return {
    kind: 'accepted',
    accepted: { event: created({ uid, requestId: uid }), recipients: ['a'], acceptedAt: 1 },
  };
}

function settled(uid: string): LedgerEntry {
  return { kind: 'settled', key: eventKey(created({ uid })), recipient: 'a' };
}

/** The uids that are owed after a start on this folder. */
async function owedIn(directory: string): Promise<readonly string[]> {
  const ledger = createLedger();
  await (await openJournal(directory, ledger)).close();
  return ledger.owed().map(({ event }) => event.uid);
}

test('what was appended is there after a restart', async () => {
  const directory = join(await temporaryDirectory(), 'made', 'here');
  const ledger = createLedger();
  const journal = await openJournal(directory, ledger);
  await journal.append([accepted('1'), accepted('2')], durable);
  await journal.append([settled('1')], { durable: false });
  expect(ledger.owed().map(({ event }) => event.uid)).toEqual(['2']);
  await journal.close();
  expect(await owedIn(directory)).toEqual(['2']);
  expect(await owedIn(directory)).toEqual(['2']);
});

test('only its owner can read it', async () => {
  const directory = await temporaryDirectory();
  await owedIn(directory);
  expect((await stat(join(directory, 'journal'))).mode & 0o777).toBe(0o600);
});

test('appends at the same time are kept in the order of the calls', async () => {
  const directory = await temporaryDirectory();
  const journal = await openJournal(directory, createLedger());
  const uids = Array.from({ length: 50 }, (_, index) => `${index}`);
  await Promise.all(
    uids.map((uid, index) => journal.append([accepted(uid)], { durable: index % 2 === 0 })),
  );
  await journal.close();
  expect(await owedIn(directory)).toEqual(uids);
});

test('a file that ends anywhere within an append starts without that append', async () => {
  const directory = await temporaryDirectory();
  const path = join(directory, 'journal');
  const journal = await openJournal(directory, createLedger());
  await journal.append([accepted('1')], durable);
  const { size: before } = await stat(path);
  await journal.append([accepted('2')], durable);
  await journal.close();
  const whole = await readFile(path);
  for (let end = before; end < whole.length; end += 1) {
    await writeFile(path, whole.subarray(0, end));
    expect(await owedIn(directory)).toEqual(['1']);
  }
});

test('an end of zeros, as some file systems leave after a power cut, is dropped', async () => {
  const directory = await temporaryDirectory();
  const path = join(directory, 'journal');
  const journal = await openJournal(directory, createLedger());
  await journal.append([accepted('1')], durable);
  await journal.close();
  await truncate(path, (await stat(path)).size + 1000);
  expect(await owedIn(directory)).toEqual(['1']);
});

test('damage in the middle is refused, with the line', async () => {
  const directory = await temporaryDirectory();
  const path = join(directory, 'journal');
  const journal = await openJournal(directory, createLedger());
  await journal.append([accepted('1'), accepted('2'), accepted('3')], durable);
  await journal.close();
  const text = await readFile(path, 'utf8');
  await writeFile(path, text.replace('"uid":"2"', '"uid":"9"'));
  await expect(owedIn(directory)).rejects.toMatchObject({
    code: 'state-unusable',
    message: expect.stringMatching(
      /journal:\d is damaged, and lines after it are not: move the file away/,
    ) as string,
  });
});

test('a file that is not a journal is refused and left alone', async () => {
  const directory = await temporaryDirectory();
  const path = join(directory, 'journal');
  await writeFile(path, 'my diary');
  await expect(owedIn(directory)).rejects.toThrow('is not a journal of this plugin');
  expect(await readFile(path, 'utf8')).toBe('my diary');
});

test('a folder that cannot be is refused, with the path', async () => {
  const file = join(await temporaryDirectory(), 'file');
  await writeFile(file, '');
  await expect(owedIn(join(file, 'state'))).rejects.toMatchObject({
    code: 'state-unusable',
    message: expect.stringContaining(join(file, 'state')) as string,
  });
});

test('the file is written anew when it has grown, and says the same', async () => {
  const directory = await temporaryDirectory();
  const path = join(directory, 'journal');
  const journal = await openJournal(directory, createLedger({ seen: 2, requests: 2 }), {
    compactAfter: 4000,
  });
  const sizes = [];
  for (let index = 0; index < 200; index += 1) {
    await journal.append([accepted(`${index}`)], durable);
    if (index < 199) await journal.append([settled(`${index}`)], { durable: false });
    sizes.push((await stat(path)).size);
  }
  await journal.close();
  expect(Math.max(...sizes)).toBeLessThan(6000);
  expect(await owedIn(directory)).toEqual(['199']);
});

test('a process whose journal was taken over by another keeps nothing and says so', async () => {
  const directory = await temporaryDirectory();
  const ledger = createLedger();
  const first = await openJournal(directory, ledger);
  const second = await openJournal(directory, createLedger());
  await expect(first.append([accepted('1')], durable)).rejects.toThrow(
    'was replaced by another process',
  );
  expect(ledger.owed()).toEqual([]);
  await second.append([accepted('2')], durable);
  await first.close();
  await second.close();
  expect(await owedIn(directory)).toEqual(['2']);
});

type Fault = 'open' | 'write' | 'part of a write' | 'datasync' | 'truncate';

test.each<Fault>(['write', 'part of a write', 'datasync'])(
  'when %s fails, nothing of the append is kept, and the next one is',
  async (fault) => {
    const directory = await temporaryDirectory();
    const ledger = createLedger();
    const disk = failingDisk();
    const journal = await openJournal(directory, ledger, { openFile: disk.open });
    await journal.append([accepted('1')], durable);
    disk.failNext(fault);
    await expect(journal.append([accepted('2'), accepted('3')], durable)).rejects.toMatchObject({
      code: 'state-unusable',
      message: expect.stringContaining('no space left') as string,
    });
    expect(ledger.owed().map(({ event }) => event.uid)).toEqual(['1']);
    await journal.append([accepted('4')], durable);
    await journal.close();
    expect(await owedIn(directory)).toEqual(['1', '4']);
  },
);

test('when what is left of a failed append cannot be taken back, nothing is appended behind it', async () => {
  const directory = await temporaryDirectory();
  const disk = failingDisk();
  const journal = await openJournal(directory, createLedger(), { openFile: disk.open });
  await journal.append([accepted('1')], durable);
  disk.failNext('datasync', 'truncate', 'truncate');
  await expect(journal.append([accepted('2'), accepted('3')], durable)).rejects.toThrow('no space');
  await expect(journal.append([accepted('4')], durable)).rejects.toThrow('no space left');
  await journal.append([accepted('5')], durable);
  await journal.close();
  expect(await owedIn(directory)).toEqual(['1', '5']);
});

test('when writing anew fails, the append is refused and the old file stays', async () => {
  const directory = await temporaryDirectory();
  const disk = failingDisk();
  const journal = await openJournal(directory, createLedger(), {
    compactAfter: 1,
    openFile: disk.open,
  });
  await journal.append([accepted('1')], durable);
  disk.failNext('open');
  await expect(journal.append([accepted('2')], durable)).rejects.toThrow('no space left');
  await journal.append([accepted('3')], durable);
  await journal.close();
  expect(await owedIn(directory)).toEqual(['1', '3']);
});

/** Opens real files, of which operations fail as on a full disk: those that were asked for, in turn. */
function failingDisk() {
  const next: Fault[] = [];
  const failIf = (fault: Fault): void => {
    if (next[0] !== fault) return;
    next.shift();
    throw new Error('ENOSPC: no space left on device');
  };
  const openFile: typeof open = async (...args) => {
    failIf('open');
    const handle = await open(...args);
    const write = handle.write.bind(handle) as PositionedWrite;
    const datasync = handle.datasync.bind(handle);
    const truncate = handle.truncate.bind(handle);
    handle.truncate = (length) => {
      failIf('truncate');
      return truncate(length);
    };
    const failingWrite: PositionedWrite = async (buffer, offset, length, position) => {
      failIf('write');
      if (next[0] !== 'part of a write') return write(buffer, offset, length, position);
      await write(buffer, offset, length - 7, position);
      failIf('part of a write');
      return undefined;
    };
    handle.write = failingWrite as typeof handle.write;
    handle.datasync = () => {
      failIf('datasync');
      return datasync();
    };
    return handle;
  };
  const failNext = (...faults: readonly Fault[]): void => {
    next.push(...faults);
  };
  return { open: openFile, failNext };
}

type PositionedWrite = (
  buffer: Buffer,
  offset: number,
  length: number,
  position: number,
) => Promise<unknown>;
