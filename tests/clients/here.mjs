// Where the server under test is, and what every client here asks of it.

import WebSocket from 'ws';

export const http = `${process.env.MNEMOS_URL}/graphql`;
export const ws = http.replace('http', 'ws');
export const authorization = `Bearer ${process.env.MNEMOS_API_KEY}`;

export const viewer = '{ viewer { actor organizationId } }';
export const create = `mutation Keep($text: String!, $userId: String!) {
  createMemory(input: { text: $text, scope: { userId: $userId } }) { memory { id text } position }
}`;
export const changes = `subscription Follow($after: Cursor, $userId: String!) {
  changes(after: $after, scope: { userId: $userId }) {
    position
    changes { kind subject { ... on Memory { text } } }
  }
}`;

/** Browsers have it, Node 20 does not. */
globalThis.WebSocket ??= WebSocket;

/** Return the texts of the memories that a page of changes tells of. */
export const texts = (page) => page.changes.map((change) => change.subject.text);
