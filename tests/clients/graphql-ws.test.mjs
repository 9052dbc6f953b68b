import { createClient } from 'graphql-ws';
import { authorization, ws } from './here.mjs';
import { follows } from './following.mjs';

follows('graphql-ws', () => {
  const client = createClient({ url: ws, connectionParams: { authorization } });
  return {
    ask: async (query, variables) =>
      (await client.iterate({ query, variables }).next()).value.data,
    async *follow(query, variables) {
      for await (const { data } of client.iterate({ query, variables })) yield data;
    },
    close: () => client.dispose(),
  };
});
