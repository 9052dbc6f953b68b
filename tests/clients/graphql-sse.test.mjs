import { createClient } from 'graphql-sse';
import { authorization, http } from './here.mjs';
import { follows } from './following.mjs';

follows('graphql-sse', () => {
  const client = createClient({ url: http, headers: { authorization } });
  return {
    ask: async (query, variables) =>
      (await client.iterate({ query, variables }).next()).value.data,
    async *follow(query, variables) {
      for await (const { data } of client.iterate({ query, variables })) yield data;
    },
    close: () => client.dispose(),
  };
});
