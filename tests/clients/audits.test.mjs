// GraphQL over HTTP, as the audits of the people who write its specification see it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverAudits } from 'graphql-http';
import { authorization, http } from './here.mjs';

const withKey = (url, init) =>
  fetch(url, { ...init, headers: { ...init?.headers, authorization } });
const audits = serverAudits({ url: http, fetchFn: withKey });

test('there are audits', () => assert.equal(audits.length, 61));

for (const audit of audits) {
  test(`${audit.id} ${audit.name}`, async () => {
    const { status, reason } = await audit.fn();
    assert.equal(status, 'ok', reason);
  });
}
