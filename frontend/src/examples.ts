/** One tab of the explorer: an operation that runs as it stands on an empty server, top to bottom. */
export interface Example {
  readonly query: string;
  readonly variables?: string;
}

const operations = import.meta.glob<string>("./examples/*.graphql", {
  eager: true,
  import: "default",
  query: "?raw",
});

export const examples: readonly Example[] = Object.entries(operations)
  .toSorted(([one], [other]) => one.localeCompare(other))
  .map(([, query]) => ({ query }));
