"""A throw-away PostgreSQL cluster: started once, with a new database for each test, gone at the end."""

import glob
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

from tests.ports import free_port


class CannotStart(Exception):
    """There is no PostgreSQL here, or it does not start."""


class Cluster:
    """One server on a port of its own, with nothing kept safe: it is for tests."""

    def __init__(self, folder: Path, port: int, process: subprocess.Popen):
        self.folder = folder
        self.process = process
        self.port = port

    @classmethod
    def start(cls) -> "Cluster":
        """Make a cluster and wait until it answers."""
        folder = Path(tempfile.mkdtemp(prefix="quay-pg-", dir=os.environ.get("PYTEST_DEBUG_TEMPROOT")))
        as_user = _as_somebody(folder)
        programs = _programs()
        _run([*as_user, programs / "initdb", "-D", folder / "data", "-U", "quay", "-A", "trust", "-E", "UTF8", "-N"])
        port = free_port()
        options = ["-p", str(port), "-k", str(folder), "-c", "fsync=off", "-c", "listen_addresses=127.0.0.1"]
        process = subprocess.Popen(
            [*as_user, programs / "postgres", "-D", folder / "data", *options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=folder,
        )
        cluster = cls(folder, port, process)
        cluster._wait()
        return cluster

    def url_of(self, name: str) -> str:
        """The address of the database with this name."""
        return f"postgresql://quay@127.0.0.1:{self.port}/{name}"

    def new_database(self, name: str, template: str = "template0") -> str:
        """Make it anew, empty or as a copy of another one, whoever is still connected to it; give its address."""
        with psycopg.connect(self.url_of("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return self.url_of(name)

    def stop(self) -> None:
        """Stop at once and leave nothing."""
        self.process.terminate()
        self.process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _wait(self) -> None:
        for _ in range(200):
            try:
                psycopg.connect(self.url_of("postgres"), connect_timeout=2).close()
                return
            except psycopg.OperationalError:
                time.sleep(0.05)
        raise CannotStart("the server does not answer")


def _programs() -> Path:
    folders = sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True)
    found = shutil.which("initdb")
    for folder in [*folders, *([str(Path(found).resolve().parent)] if found else [])]:
        if (Path(folder) / "initdb").exists():
            return Path(folder)
    raise CannotStart("initdb is not installed")


def _as_somebody(folder: Path) -> list[str]:
    # PostgreSQL refuses to run as root.
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return []
    try:
        shutil.chown(folder, "postgres")
    except LookupError as problem:
        raise CannotStart("there is no user postgres") from problem
    return ["runuser", "-u", "postgres", "--"]


def _run(command) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, cwd="/")
    except (OSError, subprocess.CalledProcessError) as problem:
        raise CannotStart(str(problem)) from problem
