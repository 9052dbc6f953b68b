"""Refuses a wheel that would serve no web UI."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class WheelHook(BuildHookInterface[Any]):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        page = Path(self.root, "platform", "mnemos", "web", "index.html")
        if not page.is_file():
            raise FileNotFoundError(
                f"{page} is not there, and a wheel without the web UI would be broken. "
                "Build it first: make web"
            )
