"""A fresh installation in a folder of its own: inside this process, or served by a program of its own on loopback."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask

import app as application
import config
from models import database

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
START_SECONDS = 30


@contextmanager
def in_process(**environ: str) -> Iterator[tuple[Flask, Path]]:
    """The application and its folder; `environ` are more settings."""
    with TemporaryDirectory(prefix="quay-benchmark-") as folder:
        app = application.create_app(config.read(_environ(Path(folder)) | environ))
        try:
            yield app, Path(folder)
        finally:
            database.close_all()


@contextmanager
def served() -> Iterator[tuple[int, Path]]:
    """The port on which `python app.py` answers, and the folder into which it sends messages."""
    with TemporaryDirectory(prefix="quay-benchmark-") as folder:
        port = _free_port()
        environ = {name: value for name, value in os.environ.items() if not name.startswith("QUAY_")}
        environ |= _environ(Path(folder)) | {"QUAY_HOST": HOST, "QUAY_PORT": str(port)}
        server = subprocess.Popen(
            [sys.executable, "app.py"], cwd=ROOT, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            _wait_for(server, port)
            yield port, Path(folder) / "sms"
        finally:
            server.terminate()
            server.wait()


def _environ(folder: Path) -> dict[str, str]:
    return {
        "QUAY_DATA": str(folder / "data"),
        "QUAY_SMS_URL": (folder / "sms").as_uri(),
        "QUAY_COMPANY_NAME": "Công ty May Bình Minh",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def _wait_for(server: subprocess.Popen, port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        with suppress(OSError), closing(HTTPConnection(HOST, port, timeout=5)) as connection:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        time.sleep(0.1)
    raise RuntimeError("The desk does not start, or /healthz is not 200; `python app.py` shows why.")
