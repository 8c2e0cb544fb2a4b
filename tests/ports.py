"""Ports for the servers that tests start, however many tests run at the same time."""

import socket

# Outside the range from which systems give ports to whoever only wants to connect.
PORTS = iter(range(10_000, 30_000))

_taken = []


def free_port() -> int:
    """A port of this machine that nobody listens on, and that no other test is given until this process ends."""
    for port in PORTS:
        sign = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            # Nobody here speaks UDP, so the same number there is free to say that this one is taken.
            sign.bind(("127.0.0.1", port))
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
        except OSError:
            sign.close()
        else:
            _taken.append(sign)
            return port
    raise AssertionError("every port is taken")
