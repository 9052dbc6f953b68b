"""What has to be loaded before the sets of one organization can be checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mnemos_graph.committing.wanted import Wanted
from mnemos_graph.model import CommitId, Partition, RecordId
from mnemos_graph.store import Fence, Put


@dataclass(frozen=True, slots=True)
class Needed:
    """The ids, keys and partitions that a group of sets names."""

    commits: list[CommitId]
    touched: set[RecordId]
    """Records that are put, deleted or erased: their last version is needed whole."""
    referred: set[RecordId]
    """Records that something put refers to: whose they are and whether they live is enough."""
    keys: set[bytes]
    partitions: set[Partition]
    """Those named outright; what is deleted or erased lies in the partition of its record."""
    fences: bool
    """Whether any set has to be compared with fences."""

    @classmethod
    def by(cls, sets: Sequence[Wanted]) -> Needed:
        puts = [put for wanted in sets for put in wanted.puts.values()]
        others = [
            operation
            for wanted in sets
            for operation in wanted.change_set.operations
            if not isinstance(operation, Put)
        ]
        touched = {put.record.id for put in puts}
        touched.update(each.id for each in others if not isinstance(each, Fence))
        partitions = {put.partition for put in puts}
        partitions.update(each.partition for each in others if isinstance(each, Fence))
        return cls(
            [wanted.change_set.commit_id for wanted in sets],
            touched,
            {each.id for put in puts for each in put.references} - touched,
            {key for put in puts for key in put.keys},
            partitions,
            any(wanted.change_set.began is not None for wanted in sets),
        )
