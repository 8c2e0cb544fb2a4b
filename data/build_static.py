"""Fetch htmx from npm into `static/`: `python data/build_static.py`. The version stands in the file's name."""

import hashlib
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

VERSION = "2.0.11"
SHA256 = "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717"
STATIC = Path(__file__).parents[1] / "static"
LICENCES = Path(__file__).parent / "licenses"


def main() -> None:
    """Download, check, and put the script and its licence (Zero-Clause BSD) where they belong."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", f"htmx.org@{VERSION}"], cwd=folder, check=True)
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as package:
            script = package.extractfile("package/dist/htmx.min.js").read()
            licence = package.extractfile("package/LICENSE").read()
    found = hashlib.sha256(script).hexdigest()
    if found != SHA256:
        sys.exit(f"htmx {VERSION} has SHA-256 {found}, not the one that was looked at.")
    (STATIC / f"htmx-{VERSION}.min.js").write_bytes(script)
    (LICENCES / "htmx-0BSD.txt").write_bytes(licence)


if __name__ == "__main__":
    main()
