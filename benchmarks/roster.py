"""A list of 50,000 people brought in by the command: memory against a list of 500, processor's time against openpyxl.

Each import is a process of its own with a fresh SQLite, so that its most memory is known. The baseline for the time is
openpyxl reading the same file cell by cell and doing nothing with it.
"""

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.harness import row
from services import spreadsheets
from services.spreadsheets import Column
from tests.server import ROOT, clean_environ

MANY, FEW = 50_000, 500
HEADINGS = ("Mã NV", "Họ và tên", "Đơn vị", "Mã số BHXH", "Số CCCD", "SĐT", "Địa chỉ", "Xã", "Ngày sinh", "Email")
READ = """
import sys, openpyxl
for row in openpyxl.load_workbook(sys.argv[1], read_only=True).active.iter_rows(values_only=True):
    pass
"""
WRITE = """
import sys, pathlib
from benchmarks import roster
roster.write(pathlib.Path(sys.argv[1]), int(sys.argv[2]))
"""


def measure() -> Iterator[str]:
    """One import of each size, and one reading."""
    with tempfile.TemporaryDirectory() as folder:
        few, many = (_list(Path(folder), count) for count in (FEW, MANY))
        small, large = (_imported(Path(folder), path) for path in (few, many))
        plainly = _ran([sys.executable, "-c", READ, str(many)], {})
    yield row(
        f"most memory, {MANY:,} people against {FEW}",
        f"{large.ru_maxrss / small.ru_maxrss:.2f}",
        f"{large.ru_maxrss // 1024} MB against {small.ru_maxrss // 1024} MB",
    )
    ours, baseline = (each.ru_utime + each.ru_stime for each in (large, plainly))
    yield row(
        "processor's time against openpyxl alone",
        f"{ours / baseline:.2f}",
        f"{ours:.1f} s against {baseline:.1f} s: checked, sealed, looked at and written",
    )


def _imported(folder: Path, path: Path) -> resource.struct_rusage:
    command = [sys.executable, "-m", "flask", "--app", "app", "roster", "import", str(path)]
    return _ran(command, {"QUAY_DATA": str(folder / path.stem)})


def _ran(command: list[str], environ: dict[str, str]) -> resource.struct_rusage:
    process = subprocess.Popen(command, cwd=ROOT, env={**clean_environ(), **environ}, stdout=subprocess.DEVNULL)
    _pid, status, used = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(f"{command} ended with {os.waitstatus_to_exitcode(status)}")
    process.returncode = 0
    return used


def _list(folder: Path, count: int) -> Path:
    path = folder / f"{count}.xlsx"
    # By a process of its own: what this one has ever occupied would count for those that it starts.
    _ran([sys.executable, "-c", WRITE, str(path), str(count)], {})
    return path


def write(path: Path, count: int) -> None:
    """A list of so many people who do not exist."""
    rows = (
        [
            f"NV{n:06}",
            f"Nguyễn Thị Hồng Nhung {'ABCDEFGHIK'[n % 10]}",
            f"Xưởng {n % 40}",
            f"{n + 100_000_000:010}",
            f"0741{n + 10_000_000:08}",
            f"09{12_000_000 + n:08}",
            f"Số {n} đường Nguyễn Văn Tiết, khu phố Bình Hòa",
            "Phường Lái Thiêu, TP. Hồ Chí Minh",
            "15/08/1990",
            f"nv{n}@congty.vn",
        ]
        for n in range(count)
    )
    path.write_bytes(spreadsheets.write("Nhân viên", [Column(heading) for heading in HEADINGS], rows))
