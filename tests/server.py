"""The real server in a process of its own, for what only shows there: buffers, folders, two starting together."""

import os
import subprocess
import sys
import time
from http.client import HTTPConnection
from pathlib import Path

from tests.ports import free_port

ROOT = Path(__file__).parent.parent


class Server:
    """`python app.py` with these settings; `before` is a line of Python that runs first."""

    def __init__(self, folder: Path, environ: dict[str, str], before: str = "pass"):
        self.port = free_port()
        self._output = folder / f"output-{self.port}.txt"
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-c", f"{before}\nimport app\napp.main()"],
                cwd=ROOT,
                env={**clean_environ(), **environ, "QUAY_PORT": str(self.port), "PYTHONUNBUFFERED": "1"},
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def pid(self) -> int:
        """Of the process that answers."""
        return self._process.pid

    @property
    def output(self) -> str:
        """Everything that was printed and logged."""
        return self._output.read_text("utf-8", "replace")

    def wait(self) -> "Server":
        """Until it answers."""
        for _ in range(600):
            assert self._process.poll() is None, self.output
            try:
                self.ask("GET", "/healthz")
            except OSError:
                time.sleep(0.05)
            else:
                return self
        raise AssertionError(f"it does not answer: {self.output}")

    def ask(self, method: str, path: str, body=None, headers: dict | None = None, **more) -> tuple[int, str, str]:
        """One request; gives status, address of the redirection, and text."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, headers or {}, **more)
            answer = connection.getresponse()
            return answer.status, answer.headers.get("Location", ""), answer.read().decode("utf-8", "replace")
        finally:
            connection.close()

    def stop(self) -> None:
        """End it and wait for that."""
        self._process.terminate()
        self._process.wait(30)

    def kill(self) -> None:
        """As a power cut would end it."""
        self._process.kill()
        self._process.wait(30)


class WorkerProcess:
    """`flask --app app worker` with these settings; `before` is a line of Python that runs first."""

    def __init__(self, environ: dict[str, str], before: str = "pass"):
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                f"{before}\nfrom flask.cli import cli\ncli.main(['--app', 'app', 'worker'])",
            ],
            cwd=ROOT,
            env={**clean_environ(), **environ, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        line = self.process.stdout.readline()
        assert line.startswith("sending"), line

    def kill(self) -> None:
        """As a power cut would end it."""
        self.process.kill()
        self._gone()

    def stop(self) -> int:
        """Ask it to end; gives its exit status."""
        self.process.terminate()
        return self._gone()

    def _gone(self) -> int:
        self.process.stdout.close()
        return self.process.wait(30)


def clean_environ() -> dict[str, str]:
    """This process's environment without our own settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith("QUAY_")}
