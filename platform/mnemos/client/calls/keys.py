"""API keys, for the admins of an organization."""

from __future__ import annotations

from mnemos.client.call import Call
from mnemos.client.inputs import Role
from mnemos.client.results import ApiKey, NewApiKey

_KEY = "id name role createdAt revokedAt"

_KEYS = f"query Keys {{ apiKeys {{ {_KEY} }} }}"

_CREATE = f"""mutation CreateKey($name: String!, $role: Role!) {{
  createApiKey(name: $name, role: $role) {{ key {{ {_KEY} }} secret }}
}}"""

_REVOKE = f"mutation RevokeKey($id: ID!) {{ revokeApiKey(id: $id) {{ {_KEY} }} }}"


def api_keys() -> Call[tuple[ApiKey, ...]]:
    """Return the organization's keys, revoked ones too, oldest first."""
    return Call(document=_KEYS, answer="apiKeys", kind=tuple[ApiKey, ...])


def create_api_key(name: str, *, role: Role = "MEMBER") -> Call[NewApiKey]:
    """Make a key. Its secret is in the answer and never again."""
    return Call(
        document=_CREATE,
        answer="createApiKey",
        kind=NewApiKey,
        variables={"name": name, "role": role},
    )


def revoke_api_key(id: str) -> Call[ApiKey]:
    """End a key; what it had opened closes within seconds."""
    return Call(document=_REVOKE, answer="revokeApiKey", kind=ApiKey, variables={"id": id})
