"""The GraphQL schema over the memory: types, resolvers and subscriptions."""
