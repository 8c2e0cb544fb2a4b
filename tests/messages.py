"""The folder into which messages are sent."""

import json
import re
from pathlib import Path

from services import later


def messages(folder: Path) -> list[dict]:
    """All messages, oldest first, and those that are being sent."""
    later.settle()
    return [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))]


def newest_code(folder: Path) -> str:
    """The six digits of the newest message."""
    return re.search(r"\b\d{6}\b", messages(folder)[-1]["text"])[0]
