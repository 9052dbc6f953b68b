from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.platform.importing.samples import OPENED


@pytest.fixture(autouse=True)
def close_files() -> Iterator[None]:
    yield
    while OPENED:
        OPENED.pop().close()
