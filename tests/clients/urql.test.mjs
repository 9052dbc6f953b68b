import { Client, fetchExchange, subscriptionExchange } from '@urql/core';
import { createClient } from 'graphql-ws';
import { toObservable } from 'wonka';
import { eachValueFrom } from './each.mjs';
import { authorization, http, ws } from './here.mjs';
import { follows } from './following.mjs';

const open = (exchanges, close, more = {}) => {
  const client = new Client({
    url: http,
    exchanges,
    fetchOptions: { headers: { authorization } },
    preferGetMethod: false,
    ...more,
  });
  return {
    async ask(query, variables) {
      const asked = /^\s*mutation/.test(query)
        ? client.mutation(query, variables)
        : client.query(query, variables);
      const { data, error } = await asked.toPromise();
      if (error) throw error;
      return data;
    },
    async *follow(query, variables) {
      const results = toObservable(client.subscription(query, variables));
      for await (const { data, error } of eachValueFrom(results)) {
        if (error) throw error;
        yield data;
      }
    },
    close,
  };
};

follows('urql over WebSocket', () => {
  const socket = createClient({ url: ws, connectionParams: { authorization } });
  const forward = (request) => ({
    subscribe: (sink) => ({ unsubscribe: socket.subscribe(request, sink) }),
  });
  const exchanges = [fetchExchange, subscriptionExchange({ forwardSubscription: forward })];
  return open(exchanges, () => socket.dispose());
});

follows('urql over server-sent events', () =>
  open([fetchExchange], () => {}, { fetchSubscriptions: true }),
);
