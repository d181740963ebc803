"""A disk that is full: a small file system of the campaign's own, in a mount namespace of its own.

No root is needed where the kernel lets a user have namespaces (`unshare`, util-linux); nothing is mounted
that the rest of the machine sees, and all is gone when the process ends, however it ends. Where that is not
allowed the row says why the fault was not injected. Run as a process: writes its row to standard output.
"""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.faults.counting import count, drained
from bench.faults.killing import RECOVERED_SECONDS, SETTLED_SECONDS, playing
from bench.faults.lines import line, not_injected, progress
from bench.tables import Row

FAULT = "disk full for 5 s"
MIB = 200
_PROBE = [sys.executable, "-c", "pass"]


def rows() -> list[Row]:
    """Play it in a namespace of its own, as a process of its own."""
    here = ["unshare", "--mount"]
    if os.geteuid() != 0:
        here += ["--user", "--map-current-user", "--keep-caps"]
    try:
        probe = subprocess.run([*here, *_PROBE], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return [not_injected(FAULT, "`unshare` is not installed")]
    if probe.returncode:
        return [not_injected(FAULT, f"no namespace here ({probe.stderr.strip()})")]
    with subprocess.Popen(
        [*here, sys.executable, "-m", "bench.faults.disk"], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            told, _ = process.communicate()
        except BaseException:
            process.terminate()
            raise
    if process.returncode:
        raise RuntimeError("the campaign of the full disk broke off")
    row: Row = json.loads(told.splitlines()[-1])
    return [row]


def play(disk: Path) -> Row:
    """A database on a small disk of its own that fills up under load, and is made room on."""
    progress("a disk that fills up")
    with playing(disk / "data", bookings=2_000) as played:
        crowd, ballast = played.crowd, disk / "ballast"
        time.sleep(1.0)
        _fill(ballast)
        time.sleep(4.0)
        blocked = len(crowd.acknowledged)
        time.sleep(1.0)
        during = len(crowd.acknowledged) - blocked
        ballast.unlink()
        taken = crowd.wait_for_next(time.perf_counter(), seconds=RECOVERED_SECONDS)
        time.sleep(0.5)
        told = played.stopped()
        settled = drained(played.address, seconds=SETTLED_SECONDS) is not None
        seen = count(played.address, told)
    note = f"{during} acknowledged in the last second of the full disk"
    return line(FAULT, times=1, seen=seen, recovery=[taken], note=note, settled=settled)


def _mount(disk: Path) -> None:
    """Mount a small file system in memory. Raises `OSError`."""
    system = ctypes.CDLL(None, use_errno=True)
    if system.mount(b"tmpfs", os.fsencode(disk), b"tmpfs", 0, f"size={MIB}m,mode=711".encode()):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _fill(ballast: Path) -> None:
    """Write until there is no room left."""
    block = b"\0" * 65536
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(block)
        except OSError:
            return


def main() -> None:
    """Mount, play, tell."""
    from bench.faults.ending import ended_by_signals  # noqa: PLC0415 - only as a process of its own

    with ended_by_signals(), tempfile.TemporaryDirectory(prefix="snp-disk-") as folder:
        disk = Path(folder) / "disk"
        disk.mkdir()
        Path(folder).chmod(0o711)
        try:
            _mount(disk)
        except OSError as error:
            print(json.dumps(not_injected(FAULT, f"a file system cannot be mounted ({error.strerror})")))
            return
        try:
            print(json.dumps(play(disk)))
        finally:
            ctypes.CDLL(None).umount2(os.fsencode(disk), 2)  # MNT_DETACH


if __name__ == "__main__":
    main()
