"""Real photos, files that broke other programs, and naughty strings: they lie outside the repository."""

import os
from pathlib import Path

CORPUS = Path(os.environ.get("QUAY_TEST_CORPUS") or Path(__file__).parents[2] / "shared" / "corpus")
