// The recommended rules for schemas, of graphql-eslint.

import graphql from '@graphql-eslint/eslint-plugin';

/** Values: what they are is all that they are, so they have no id. */
const values = [
  'BlockVersion',
  'Change',
  'ChangePage',
  'Context',
  'Cost',
  'Decision',
  'MemoryVersion',
  'ModelCost',
  'OntologyEntity',
  'OntologyFact',
  'PageInfo',
  'RecallHit',
  'RecallResult',
  'Scope',
  'SignalScore',
  'Subgraph',
  'Viewer',
  'WatchHit',
];

export default [
  {
    files: ['**/served.graphql'],
    languageOptions: {
      parser: graphql.parser,
      parserOptions: { graphQLConfig: { schema: `${process.env.GENERATED}/served.graphql` } },
    },
    plugins: { '@graphql-eslint': graphql },
    rules: {
      ...graphql.configs['flat/schema-recommended'].rules,
      '@graphql-eslint/strict-id-in-types': [
        'error',
        { exceptions: { types: values, suffixes: ['Connection', 'Edge', 'Payload'] } },
      ],
    },
  },
];
