"""Which organizations live in another store, as far as this process has heard."""

from __future__ import annotations

from collections.abc import Mapping

from mnemos_graph.model import OrganizationId
from mnemos_graph.store.copying import Seal


class Seals:
    """Learnt whenever the ends of logs are asked for, which a process does every second."""

    def __init__(self) -> None:
        self._unreadable: dict[OrganizationId, Seal] = {}

    def learn(self, seals: Mapping[OrganizationId, Seal | None]) -> None:
        """Take in how organizations are sealed.

        Raises:
            Moved: one of them cannot be read here.
        """
        for organization, seal in seals.items():
            if seal is None or seal.readable:
                self._unreadable.pop(organization, None)
            else:
                self._unreadable[organization] = seal
        for organization in seals:
            self.check(organization)

    def check(self, organization: OrganizationId) -> None:
        """Let a question pass.

        Raises:
            Moved: the organization is known to live elsewhere.
        """
        if seal := self._unreadable.get(organization):
            raise seal.refusal()
