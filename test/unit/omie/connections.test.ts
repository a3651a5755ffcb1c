import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Connections } from '../../../src/omie/connections.ts';

/** Who has got a connection so far. */
function desk(open: number) {
  const connections = new Connections();
  for (let one = 0; one < open; one += 1) connections.opened();
  const desk = {
    connections,
    served: '',
    ask(names: string) {
      for (const name of names) {
        void connections.take().then(() => {
          desk.served += name;
        });
      }
    },
  };
  return desk;
}

const microtasks = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

it('lets everybody go at once who finds a free one or has to open one', async () => {
  const one = desk(1);
  one.ask('abc');
  await microtasks();
  expect(one.served).toBe('abc');
});

it('waits for one that comes back, two turns after its answer, and not for more than come back', async () => {
  const one = desk(0);
  one.ask('ab');
  one.connections.opened();
  one.connections.opened();
  one.connections.giveBack();
  one.ask('cd');
  await turn();
  expect(one.served).toBe('abd');
  await turn();
  expect(one.served).toBe('abdc');
});

it('does not wait while another one is free', async () => {
  const one = desk(2);
  one.ask('a');
  one.connections.giveBack();
  one.ask('b');
  await microtasks();
  expect(one.served).toBe('ab');
});

it('has room again for what came back unused or broke, and none for what was closed', async () => {
  const one = desk(2);
  one.ask('ab');
  one.connections.drop();
  one.connections.giveBack();
  one.ask('c');
  await microtasks();
  expect(one.served).toBe('abc');
  await turn();
  await turn();
  one.connections.closed();
  one.connections.giveBack();
  one.ask('d');
  await microtasks();
  expect(one.served).toBe('abc');
  await turn();
  await turn();
  expect(one.served).toBe('abcd');
});
