"""A real nginx with the shipped configuration, on a port of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAMES = (os.environ.get("SNP_NGINX", ""), "nginx", "/usr/sbin/nginx")


def nginx_path() -> str | None:
    """Where nginx is; None when there is none."""
    return next((path for name in NAMES if name and (path := shutil.which(name))), None)


@contextmanager
def running_nginx(folder: Path, included: str, port: int) -> Iterator[None]:
    """An nginx that includes a configuration, until the end of the block."""
    program = nginx_path()
    assert program is not None
    (folder / "snp.conf").write_text(included, encoding="utf-8")
    temporary = "\n".join(
        f"    {kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""
    main = folder / "nginx.conf"
    # Debian's own `http {}` sets these protocols: the included servers must say their own.
    main.write_text(
        f"daemon off; {user}\npid {folder}/nginx.pid;\nerror_log {folder}/error.log warn;\n"
        "events { worker_connections 64; }\n"
        f"http {{\n    access_log off;\n    ssl_protocols TLSv1 TLSv1.1 TLSv1.2;\n{temporary}\n"
        f"    include {folder}/snp.conf;\n}}\n",
        encoding="utf-8",
    )
    command = [program, "-p", str(folder), "-c", str(main), "-e", f"{folder}/error.log"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        _await(process, port)
        yield
    finally:
        process.terminate()
        try:
            process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def _await(process: subprocess.Popen[str], port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()[0]
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("nginx did not start")
