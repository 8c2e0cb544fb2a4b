"""`file:///folder`: one JSON file `{"to", "text"}` per message, for whatever program collects them there."""

import json
import os
import time
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from services.outbox import Letter, Sender, SendFailed


class FolderSender(Sender):
    """Writes messages into the folder that `url` names."""

    is_at_once = True

    def __init__(self, url: str):
        self._folder = Path(url2pathname(urlsplit(url).path))
        self.place = str(self._folder)

    def send(self, letter: Letter, key: str) -> str:
        """Write the file, unless it is there already. Raises `SendFailed`."""
        # Names in the order of sending.
        name = f"{time.time_ns()}-{key}.json"
        text = json.dumps({"to": letter.to, "text": letter.said["text"]}, ensure_ascii=False)
        return put(self._folder, f"*-{key}.json", name, text)


def put(folder: Path, same: str, name: str, text: str, others: tuple[Path, ...] = ()) -> str:
    """Write a file whole or not at all, unless one that fits `same` is in this folder or `others`; give its name.

    Raises `SendFailed`.
    """
    part = folder / f".{name}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for place in (folder, *others):
            if found := next(place.glob(same), None):
                return found.name
        # Under another name first, so that no half file is read.
        part.write_text(text, "utf-8")
        os.replace(part, folder / name)
    except OSError as problem:
        raise SendFailed("folder", problem.strerror or "") from problem
    return name
