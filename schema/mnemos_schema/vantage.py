"""From where an answer is seen: one organization, and one (asOf, knownAt) for all that is below it."""

from __future__ import annotations

from dataclasses import dataclass

from mnemos_graph.model import OrganizationId, Position
from mnemos_graph.store import Filter, View, facts_holding, memories_holding


@dataclass(frozen=True, slots=True)
class Vantage:
    organization: OrganizationId
    view: View
    everything: bool = True
    """Whether links lead also to what does not hold at ``view``.

    They do from what was asked for by its id, or with ended ones among it; otherwise what does not
    hold could come in by the back door.
    """

    @property
    def known_at(self) -> Position | None:
        return self.view.known_at

    @property
    def linked_memories(self) -> Filter:
        """The conditions for memories that links lead to."""
        return () if self.everything else memories_holding(self.view)

    @property
    def linked_facts(self) -> Filter:
        """The conditions for facts that links lead to."""
        return () if self.everything else facts_holding(self.view)
