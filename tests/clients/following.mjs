// What every subscription client must be able to do, however it is called.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changes, create, texts, viewer } from './here.mjs';

/**
 * Declare the tests of one client.
 *
 * `open()` gives `{ ask(query, variables), follow(query, variables), close() }`: `ask` resolves to
 * the data, `follow` is an async iterable of data that ends its subscription when it is left.
 */
export function follows(name, open) {
  const here = async (work) => {
    const client = await open();
    try {
      await work(client, `${name}-${Math.random()}`);
    } finally {
      await client.close();
    }
  };

  test(`${name} asks`, () =>
    here(async (client) => {
      assert.equal((await client.ask(viewer)).viewer.organizationId.length > 0, true);
    }));

  test(`${name} hears of what is kept after it began to listen`, () =>
    here(async (client, userId) => {
      for await (const { changes: page } of client.follow(changes, { userId })) {
        if (page.changes.length > 0) {
          assert.deepEqual(texts(page), ['Anna moved to Porto.']);
          return;
        }
        await client.ask(create, { text: 'Anna moved to Porto.', userId });
      }
    }));

  test(`${name} goes on behind a position, and misses nothing`, () =>
    here(async (client, userId) => {
      const keep = async (text) => (await client.ask(create, { text, userId })).createMemory;
      const { position: after } = await keep('first');
      await keep('second');
      await keep('third');
      const heard = [];
      for await (const { changes: page } of client.follow(changes, { userId, after })) {
        heard.push(...texts(page));
        if (heard.length >= 2) break;
      }
      assert.deepEqual(heard, ['second', 'third']);
    }));
}
