"""How long the faults last: moments in every run, or as long as they do in the world."""

import os

LONG = os.environ.get("FAULTS") == "long"
