"""`file:///folder`: one JSON file `{"to", "text"}` per message, for whatever program watches the folder."""

import json
import os
import secrets
import time
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from services.sms.failure import SendFailed


def sender(url: str):
    """A function that writes messages into the folder that `url` names."""
    folder = Path(url2pathname(urlsplit(url).path))

    def send(phone: str, text: str) -> None:
        # Names in the order of sending; each written under another name first, so that no half file is read.
        name = f"{time.time_ns()}-{secrets.token_hex(4)}"
        part = folder / f".{name}.part"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            part.write_text(json.dumps({"to": phone, "text": text}, ensure_ascii=False), "utf-8")
            os.replace(part, folder / f"{name}.json")
        except OSError as problem:
            raise SendFailed(f"the folder cannot be written ({problem.strerror})") from problem

    return send
