"""The command. Without names it measures everything, one figure after the other."""

import argparse
import sys
import time
from importlib import import_module

FIGURES = (
    "step",
    "photo",
    "malformed",
    "line",
    "form01",
    "bytes",
    "server",
    "cards",
    "lookup",
    "roster",
    "batch",
    "paper",
    "families",
    "messages",
    "guesses",
    "desk",
)


def main() -> None:
    """Print the rows of the figures that are named."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Figures as ratios against a baseline.")
    parser.add_argument("names", nargs="*", metavar="name", help=f"one of {', '.join(FIGURES)}; all when none is named")
    parser.add_argument("--list", action="store_true", help="say what the figures are, and measure nothing")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(FIGURES):
        parser.error(f"no figure is named {', '.join(sorted(unknown))}; --list tells which there are")
    for name in asked.names or FIGURES:
        figure = import_module(f"benchmarks.{name}")
        print(f"{name}: {figure.__doc__.splitlines()[0]}")
        if not asked.list:
            _measure(figure)


def _measure(figure) -> None:
    began_at = time.monotonic()
    for row in figure.measure():
        print(f"  {row}")
        sys.stdout.flush()
    print(f"  ({time.monotonic() - began_at:.0f} s)\n")


if __name__ == "__main__":
    main()
