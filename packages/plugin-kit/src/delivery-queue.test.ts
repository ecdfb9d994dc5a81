import fc from 'fast-check';
import { expect, test } from 'vitest';

import { created, reviewed } from '../test/events.js';
import { manualClock } from '../test/manual-clock.js';
import type { AccessRequestEvent } from './access-request.js';
import { createDeliveryQueue, type DeliveryQueueOptions } from './delivery-queue.js';
import { PluginError } from './error.js';
import type { Delivery } from './ledger.js';

const refused = new PluginError('delivery-refused', 'no such mailbox');
const failed = new PluginError('delivery-failed', 'connection refused');

/** For an attempt that does not end by itself. */
const hang = Symbol('hang');

/** Makes an event with these ids. */
type EventOf = (ids: { requestId: string; uid: string }) => AccessRequestEvent;

type Answer = PluginError | typeof hang | string | undefined;

/** A queue whose destination answers from a list per delivery, and then takes everything. */
function queueWith(
  answers: Readonly<Record<string, readonly Answer[]>>,
  options: Partial<DeliveryQueueOptions> = {},
) {
  const clock = manualClock();
  const attempts: { readonly name: string; readonly at: number }[] = [];
  const settled: { readonly name: string; readonly outcome: string }[] = [];
  const retries: number[] = [];
  let underWay = 0;
  let mostUnderWay = 0;
  const start = clock.now();
  const queue = createDeliveryQueue({
    async deliver(delivery, signal) {
      const name = nameOf(delivery);
      attempts.push({ name, at: clock.now() - start });
      const answer = answers[name]?.[attempts.filter((each) => each.name === name).length - 1];
      underWay += 1;
      mostUnderWay = Math.max(mostUnderWay, underWay);
      await clock.sleep(answer === hang ? 1e9 : 1, signal);
      underWay -= 1;
      signal.throwIfAborted();
      if (answer instanceof PluginError) throw answer;
      return answer === hang ? undefined : answer;
    },
    onSettled(delivery, settlement) {
      const outcome = settlement.delivered
        ? `at ${String(settlement.thread)}`
        : settlement.error.message;
      settled.push({ name: nameOf(delivery), outcome });
      return Promise.resolve();
    },
    onRetry: (_delivery, _error, delay) => retries.push(delay),
    clock,
    random: () => 0,
    concurrency: 10,
    spacing: 0,
    backoff: { first: 1000, longest: 60_000 },
    giveUpAfter: 3_600_000,
    ...options,
  });
  const delivery = (recipient: string, request: string, event: EventOf = created): Delivery => ({
    event: event({ requestId: request, uid: request }),
    recipient,
    acceptedAt: start,
  });
  return { queue, clock, attempts, settled, retries, delivery, most: () => mostUnderWay };
}

function nameOf({ event, recipient }: Delivery): string {
  return `${recipient} ${event.requestId} ${event.event.split('.')[1] ?? ''}`;
}

test('a delivery is attempted at once, and settled with where it is', async () => {
  const { queue, clock, settled, delivery } = queueWith({ 'a 1 create': ['C1 5'] });
  queue.add([delivery('a', '1')]);
  expect(queue.size).toBe(1);
  await clock.advance(1);
  expect(settled).toEqual([{ name: 'a 1 create', outcome: 'at C1 5' }]);
  expect(queue.size).toBe(0);
});

test('a failure is repeated after growing delays', async () => {
  const { queue, clock, attempts, retries, settled, delivery } = queueWith({
    'a 1 create': [failed, failed, failed],
  });
  queue.add([delivery('a', '1')]);
  await clock.advance(60_000);
  expect(retries).toEqual([1000, 2000, 4000]);
  expect(attempts.map(({ at }) => at)).toEqual([0, 1001, 3002, 7003]);
  expect(settled).toHaveLength(1);
});

test('a refusal is not repeated', async () => {
  const { queue, clock, attempts, settled, delivery } = queueWith({ 'a 1 create': [refused] });
  queue.add([delivery('a', '1')]);
  await clock.advance(3_600_000);
  expect(attempts).toHaveLength(1);
  expect(settled).toEqual([{ name: 'a 1 create', outcome: 'no such mailbox' }]);
});

test('an error of another kind counts as a failure', async () => {
  let attempts = 0;
  const deliver = () => {
    attempts += 1;
    return attempts === 1 ? Promise.reject(new TypeError('oops')) : Promise.resolve(undefined);
  };
  const { queue, clock, settled, delivery } = queueWith({}, { deliver });
  queue.add([delivery('a', '1')]);
  await clock.advance(1000);
  expect(settled).toEqual([{ name: 'a 1 create', outcome: 'at undefined' }]);
});

test('a delivery is given up when the next attempt would come too late', async () => {
  const { queue, clock, attempts, settled, delivery } = queueWith(
    { 'a 1 create': Array.from({ length: 99 }, () => failed) },
    { giveUpAfter: 10_000 },
  );
  queue.add([delivery('a', '1')]);
  await clock.advance(3_600_000);
  expect(attempts).toHaveLength(4);
  expect(settled).toEqual([{ name: 'a 1 create', outcome: 'connection refused' }]);
});

test('a destination that asks for time is left alone for it, with everything it is owed', async () => {
  const slowDown = new PluginError('delivery-failed', 'slow down', { retryAfter: 30_000 });
  const { queue, clock, attempts, delivery } = queueWith({ 'a 1 create': [slowDown] });
  queue.add([delivery('a', '1'), delivery('a', '2'), delivery('b', '1')]);
  await clock.advance(29_999);
  expect(attempts.map(({ name }) => name)).toEqual(['a 1 create', 'b 1 create']);
  await clock.advance(10);
  expect(attempts.map(({ name }) => name).slice(2)).toEqual(['a 2 create', 'a 1 create']);
});

test('notifications about one request reach a recipient in order, whatever the retries', async () => {
  const { queue, clock, settled, delivery } = queueWith({ 'a 1 create': [failed, failed] });
  queue.add([delivery('a', '1'), delivery('a', '1', reviewed), delivery('a', '2')]);
  await clock.advance(60_000);
  expect(settled.map(({ name }) => name)).toEqual(['a 2 create', 'a 1 create', 'a 1 review']);
});

test('one recipient gets one attempt at a time, and no two closer than the spacing', async () => {
  const { queue, clock, attempts, most, delivery } = queueWith({}, { spacing: 1000 });
  queue.add([delivery('a', '1'), delivery('a', '2'), delivery('a', '3')]);
  await clock.advance(5000);
  expect(attempts.map(({ at }) => at)).toEqual([0, 1000, 2000]);
  expect(most()).toBe(1);
});

test('no more attempts are under way than allowed', async () => {
  const { queue, clock, most, settled, delivery } = queueWith({}, { concurrency: 3 });
  queue.add(Array.from({ length: 20 }, (_, index) => delivery(`r${index}`, '1')));
  await clock.advance(100);
  expect(most()).toBe(3);
  expect(settled).toHaveLength(20);
});

test('what waits does not hold a place that others could use', async () => {
  const { queue, clock, settled, delivery } = queueWith(
    { 'a 1 create': [failed] },
    { concurrency: 1 },
  );
  queue.add([delivery('a', '1'), delivery('b', '1')]);
  await clock.advance(10);
  expect(settled.map(({ name }) => name)).toEqual(['b 1 create']);
});

test('draining resolves when all is settled, without waiting for the backoffs of now', async () => {
  const { queue, clock, settled, delivery } = queueWith({
    'a 1 create': [failed, failed, failed, failed],
  });
  queue.add([delivery('a', '1')]);
  await clock.advance(4000);
  const drained = queue.drain(new AbortController().signal);
  await clock.advance(1);
  expect(settled).toHaveLength(0);
  await clock.advance(8002);
  await drained;
  expect(settled).toHaveLength(1);
  expect(clock.sleepers).toBe(0);
});

test('draining an empty queue resolves at once', async () => {
  const { queue } = queueWith({});
  await queue.drain(new AbortController().signal);
  expect(queue.size).toBe(0);
});

test('at the deadline, attempts are cut off and left unsettled, and nothing goes on', async () => {
  const { queue, clock, settled, attempts, delivery } = queueWith({
    'a 1 create': [hang],
    'b 1 create': [failed, failed, failed, failed, failed, failed, failed, failed],
  });
  queue.add([delivery('a', '1'), delivery('b', '1')]);
  await clock.settle();
  const deadline = new AbortController();
  const drained = queue.drain(deadline.signal);
  await clock.advance(10_000);
  deadline.abort();
  await drained;
  const before = attempts.length;
  await clock.advance(3_600_000);
  expect({ settled, size: queue.size, later: attempts.length - before }).toEqual({
    settled: [],
    size: 2,
    later: 0,
  });
  expect(clock.sleepers).toBe(0);
});

test('whatever fails, each delivery is settled once, and each request in order', async () => {
  const outcome = fc.constantFrom(failed, refused, undefined);
  const item = fc.record({
    recipient: fc.constantFrom('a', 'b', 'c'),
    request: fc.constantFrom('1', '2'),
    event: fc.constantFrom<EventOf[]>(created, reviewed),
    outcomes: fc.array(outcome, { maxLength: 3 }),
  });
  const items = fc.uniqueArray(item, {
    selector: ({ recipient, request, event }) => `${recipient} ${request} ${event.name}`,
  });
  await fc.assert(
    fc.asyncProperty(
      items,
      fc.integer({ min: 1, max: 3 }),
      fc.nat(2000),
      async (each, concurrency, spacing) => {
        const answers = Object.fromEntries(
          each.map(({ recipient, request, event, outcomes }) => [
            `${recipient} ${request} ${event === created ? 'create' : 'review'}`,
            outcomes,
          ]),
        );
        const { queue, clock, settled, delivery } = queueWith(answers, { concurrency, spacing });
        const deliveries = each.map(({ recipient, request, event }) =>
          delivery(recipient, request, event),
        );
        queue.add(deliveries);
        await clock.advance(3_600_000);
        const names = deliveries.map(nameOf);
        expect(settled.map(({ name }) => name).sort()).toEqual([...names].sort());
        const lane = (name: string) => name.split(' ').slice(0, 2).join(' ');
        for (const one of new Set(names.map(lane))) {
          const inOrder = (list: readonly string[]) => list.filter((name) => lane(name) === one);
          expect(inOrder(settled.map(({ name }) => name))).toEqual(inOrder(names));
        }
      },
    ),
    { numRuns: 30 },
  );
});
