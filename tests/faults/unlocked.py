"""`mnemos serve` with a bug: it never locks its data folder. Started as ``-m tests.faults.unlocked``."""

from __future__ import annotations

import fcntl

from mnemos.cli import main


def lock_nothing(file: object, operation: int) -> None:
    """Answer as if nobody held it."""


if __name__ == "__main__":
    setattr(fcntl, "flock", lock_nothing)  # noqa: B010 - mypy allows no other way
    main(["serve", "--port", "0"])
