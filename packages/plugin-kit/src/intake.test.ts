import { expect, test } from 'vitest';

import { created, reviewed, updated } from '../test/events.js';
import { manualClock } from '../test/manual-clock.js';
import { PluginError } from './error.js';
import { createIntake } from './intake.js';
import { type Journal, memoryJournal } from './journal.js';
import { createLedger, type Delivery } from './ledger.js';

const roleToRecipients = new Map([
  ['admin', ['root', 'boss']],
  ['*', ['anybody']],
]);

function intakeWith({ capacity = 10, journal }: { capacity?: number; journal?: Journal } = {}) {
  const added: Delivery[] = [];
  const ledger = createLedger();
  const intake = createIntake({
    ledger,
    journal: journal ?? memoryJournal(ledger),
    queue: {
      add: (deliveries) => void added.push(...deliveries),
      get size() {
        return added.length;
      },
      drain: () => Promise.resolve(),
    },
    roleToRecipients,
    capacity,
    clock: manualClock(),
  });
  const recipients = () => added.map(({ event, recipient }) => `${event.uid} ${recipient}`);
  return { intake, recipients };
}

test('a creation is owed to the recipients of its roles', async () => {
  const { intake, recipients } = intakeWith();
  const acceptance = await intake.accept([created()]);
  expect(acceptance).toEqual({ kind: 'accepted', accepted: 1, duplicates: 0 });
  expect(recipients()).toEqual(['created root', 'created boss']);
});

test('later events go to whom the creation went, from the same request or an earlier one', async () => {
  const { intake, recipients } = intakeWith();
  await intake.accept([created(), reviewed()]);
  await intake.accept([updated()]);
  expect(recipients()).toEqual([
    'created root',
    'created boss',
    'reviewed root',
    'reviewed boss',
    'updated root',
    'updated boss',
  ]);
});

test('later events about a request that was never seen go to the recipients of any role', async () => {
  const { intake, recipients } = intakeWith();
  await intake.accept([reviewed()]);
  expect(recipients()).toEqual(['reviewed anybody']);
});

test('an event that came before, in this request or an earlier one, is dropped', async () => {
  const { intake, recipients } = intakeWith();
  await intake.accept([reviewed()]);
  const acceptance = await intake.accept([reviewed(), updated(), updated()]);
  expect(acceptance).toEqual({ kind: 'accepted', accepted: 1, duplicates: 2 });
  expect(recipients()).toEqual(['reviewed anybody', 'updated anybody']);
});

test('the same event in two requests at once is accepted once', async () => {
  const { intake, recipients } = intakeWith();
  const acceptances = await Promise.all([intake.accept([reviewed()]), intake.accept([reviewed()])]);
  expect(acceptances).toMatchObject([{ accepted: 1 }, { accepted: 0, duplicates: 1 }]);
  expect(recipients()).toEqual(['reviewed anybody']);
});

test('when there is no room for all events of a request, none is accepted', async () => {
  const { intake, recipients } = intakeWith({ capacity: 3 });
  await intake.accept([created()]);
  expect(await intake.accept([reviewed({ requestId: 'x' }), updated({ requestId: 'x' })])).toEqual({
    kind: 'full',
  });
  expect(recipients()).toHaveLength(2);
  const acceptance = await intake.accept([reviewed({ requestId: 'x' })]);
  expect(acceptance).toEqual({ kind: 'accepted', accepted: 1, duplicates: 0 });
});

test('duplicates are told as accepted also when the queue is full', async () => {
  const { intake } = intakeWith({ capacity: 2 });
  await intake.accept([created()]);
  expect(await intake.accept([created()])).toMatchObject({ kind: 'accepted', duplicates: 1 });
});

test('a request that can never fit is told so', async () => {
  const { intake } = intakeWith({ capacity: 1 });
  expect(await intake.accept([created()])).toEqual({
    kind: 'oversized',
    notifications: 2,
    capacity: 1,
  });
});

test('what cannot be written is not accepted, and can be sent again', async () => {
  const ledger = createLedger();
  const working = memoryJournal(ledger);
  let broken = true;
  const journal: Journal = {
    ...working,
    append: (...args) =>
      broken
        ? Promise.reject(new PluginError('state-unusable', 'disk full'))
        : working.append(...args),
  };
  const { intake, recipients } = intakeWith({ journal });
  await expect(intake.accept([created()])).rejects.toThrow('disk full');
  expect(recipients()).toEqual([]);
  broken = false;
  expect(await intake.accept([created()])).toMatchObject({ kind: 'accepted', accepted: 1 });
});

test('closing lets what is being accepted finish, and accepts nothing more', async () => {
  const { intake, recipients } = intakeWith();
  const accepting = intake.accept([reviewed()]);
  const closing = intake.close();
  expect(await intake.accept([updated()])).toEqual({ kind: 'stopping' });
  await closing;
  expect(await accepting).toMatchObject({ kind: 'accepted' });
  expect(recipients()).toEqual(['reviewed anybody']);
  expect(intake.closed).toBe(true);
});
