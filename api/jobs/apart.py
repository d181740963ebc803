"""Computes in a process of its own what would hold up the answers of this one: it holds the interpreter.

Run as a module this is that process: a function's name and its arguments come in, what it returns goes out.
It lives for one call; whoever asked for it is killed, it ends by itself.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from importlib import import_module
from typing import Any, Final

SECONDS: Final = 300.0
"""Longer than any computation takes: a process that is stuck is ended, and its job says so."""
NICE: Final = 5
"""Answers come first where processors are few."""


def apart(name: str, *arguments: Any, seconds: float = SECONDS) -> Any:
    """Return what the function `module:name` makes of its arguments, computed in another process.

    Raises `RuntimeError` when that process fails or takes too long; its own words are on standard error.
    """
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter, our own module
            [sys.executable, "-m", __name__],
            input=pickle.dumps((name, arguments)),
            stdout=subprocess.PIPE,
            timeout=seconds,
            check=True,
        )
    except subprocess.SubprocessError as fault:
        raise RuntimeError(f"{name} did not end well in a process of its own") from fault
    return pickle.loads(done.stdout)  # noqa: S301 - written by our own process


def main() -> None:
    """Answer one call from standard input on standard output."""
    out = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what is printed by the way is no answer
    os.nice(NICE)
    name, arguments = pickle.loads(sys.stdin.buffer.read())  # noqa: S301 - written by our own process
    module, function = name.split(":")
    answer = getattr(import_module(module), function)(*arguments)
    with os.fdopen(out, "wb") as stream:
        pickle.dump(answer, stream)


if __name__ == "__main__":
    main()
