import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { createClient } from 'graphql-ws';
import { OperationTypeNode } from 'graphql';
import { eachValueFrom } from './each.mjs';
import { authorization, http, ws } from './here.mjs';
import { follows } from './following.mjs';

const client = (subscriptions) =>
  new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      subscriptions,
      new HttpLink({ uri: http, headers: { authorization } }),
    ),
  });

const asks = (apollo) => async (query, variables) => {
  const document = gql(query);
  const isMutation = document.definitions[0].operation === 'mutation';
  const { data } = isMutation
    ? await apollo.mutate({ mutation: document, variables })
    : await apollo.query({ query: document, variables });
  return data;
};

const followsOf = (apollo) =>
  async function* (query, variables) {
    for await (const { data, error } of eachValueFrom(
      apollo.subscribe({ query: gql(query), variables }),
    )) {
      if (error) throw error;
      yield data;
    }
  };

follows('Apollo over WebSocket', () => {
  const socket = createClient({ url: ws, connectionParams: { authorization } });
  const apollo = client(new GraphQLWsLink(socket));
  return { ask: asks(apollo), follow: followsOf(apollo), close: () => socket.dispose() };
});

follows('Apollo over multipart HTTP', () => {
  const apollo = client(new HttpLink({ uri: http, headers: { authorization } }));
  return { ask: asks(apollo), follow: followsOf(apollo), close: () => apollo.stop() };
});
