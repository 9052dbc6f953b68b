"""The fields that the client asks for, kind by kind."""

SCOPE = "scope { userId agentId sessionId }"

MEMORY = f"""id type level text {SCOPE} importance tags metadata version
validFrom validTo createdAt updatedAt expiresAt pinned"""

EPISODE = f"id text speaker source occurredAt createdAt {SCOPE} metadata"

ENTITY = f"id name kind aliases summary metadata {SCOPE} createdAt updatedAt"

FACT = """id subjectId subject { id name kind } predicate object { id name kind } value statement
confidence validFrom validTo recordedAt invalidatedAt"""

BLOCK_BUT_VALUE = f"id label description limit readOnly version {SCOPE} updatedAt"

BLOCK = f"{BLOCK_BUT_VALUE} value"

TEMPLATE = "id name text version updatedAt"

ONTOLOGY_BUT_TYPES = "id instructions closed version updatedAt"

ONTOLOGY = f"""{ONTOLOGY_BUT_TYPES} entityTypes {{ name description }}
factTypes {{ name description subjects objects }}"""

JOB_BUT_COST = "id kind state progress total done failed error createdAt finishedAt"

JOB = f"""{JOB_BUT_COST}
cost {{ dollars models {{ model calls failures tokensRead tokensCached tokensWritten dollars }} }}"""

HIT = f"memory {{ {MEMORY} }} score explanation {{ signal rank score }}"

RECALLED = f"hits {{ {HIT} }} tookMs position degraded"

CHANGES = f"""changes {{
  position kind subjectType subjectId actor at
  subject {{
    __typename
    ... on Memory {{ {MEMORY} }}
    ... on Episode {{ {EPISODE} }}
    ... on Entity {{ {ENTITY} }}
    ... on Fact {{ {FACT} }}
    ... on Block {{ {BLOCK_BUT_VALUE} blockValue: value }}
    ... on Job {{ {JOB_BUT_COST} }}
    ... on Template {{ {TEMPLATE} }}
    ... on Ontology {{ {ONTOLOGY_BUT_TYPES} }}
  }}
}}
position hasMore"""

PAGE_INFO = "pageInfo { hasNextPage endCursor } totalCount"
