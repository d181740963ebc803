"""Becomes the PostgreSQL server: drops root, ties its life to its owner's, then executes the binary.

Run as a script by a bare interpreter (`python -I -S child.py …`), so it imports nothing of ours. Doing this
after the interpreter started, rather than between fork and exec, keeps a threaded owner safe; the server
that replaces this program is still the owner's direct child.

Linux ties the lives with PR_SET_PDEATHSIG. Elsewhere a detached watchdog holds the reading end of a pipe
whose writing end only the owner has: the end of file means that the owner is gone.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import os
import signal
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1
ORDERLY = b"q"


def main() -> None:
    """Read the arguments, take the precautions, execute."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--owner", type=int, required=True)
    parser.add_argument("--uid", type=int)
    parser.add_argument("--gid", type=int)
    parser.add_argument("--watchdog-pipe", type=int)
    parser.add_argument("--data-directory", required=True)
    parser.add_argument("command", nargs="+")
    arguments = parser.parse_args()
    libc = ctypes.CDLL(None, use_errno=True) if arguments.watchdog_pipe is None else None
    if arguments.uid is not None:
        os.setgroups([])
        os.setgid(arguments.gid)
        os.setuid(arguments.uid)
    os.umask(0o077)
    if libc is not None:
        # After setuid, which clears it. A fast shutdown: connections end, a checkpoint is written.
        if libc.prctl(PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0) != 0:
            sys.exit("the kernel refuses PR_SET_PDEATHSIG")
    else:
        leave_watchdog(arguments.watchdog_pipe, Path(arguments.data_directory) / "postmaster.pid")
    if os.getppid() != arguments.owner:
        sys.exit("the owner is gone already")
    os.execv(arguments.command[0], arguments.command)  # noqa: S606 - a fixed program, no shell


def leave_watchdog(pipe: int, pid_file: Path) -> None:
    """Leave behind a process, nobody's child, that stops the server when the pipe ends without a word."""
    server = os.getpid()
    middle = os.fork()
    if middle != 0:
        os.close(pipe)
        os.waitpid(middle, 0)
        return
    if os.fork() != 0:
        os._exit(0)
    os.setsid()
    for descriptor in (0, 1, 2):
        with contextlib.suppress(OSError):
            os.close(descriptor)
    with contextlib.suppress(OSError, ValueError):
        if os.read(pipe, 1) != ORDERLY and int(pid_file.read_text().split("\n", 1)[0]) == server:
            os.kill(server, signal.SIGINT)
    os._exit(0)


if __name__ == "__main__":
    main()
