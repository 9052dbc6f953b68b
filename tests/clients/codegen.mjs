// Types for the documents that the web UI shows as examples, in the folder of GENERATED.

const folder = process.env.GENERATED;

export default {
  schema: `${folder}/served.graphql`,
  documents: ['../../frontend/src/examples/*.graphql'],
  generates: {
    [`${folder}/types/`]: {
      preset: 'client',
      config: {
        strictScalars: true,
        scalars: { Cursor: 'string', DateTime: 'string', JSON: 'unknown' },
        useTypeImports: true,
      },
    },
  },
};
