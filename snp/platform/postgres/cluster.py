"""Makes a new cluster, and says how a server runs on it.

One superuser, one database, one socket, no network.
"""

from __future__ import annotations

import json
import os
import pwd
import shlex
import shutil
from pathlib import Path
from typing import Final

from snp.platform.postgres.binaries import Binaries
from snp.platform.postgres.failures import PostgresFailed
from snp.platform.postgres.layout import PORT, Layout, make_private

USER: Final = "snp"
DATABASE: Final = "snp"
ENVIRONMENT: Final = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}

_MODEST: Final = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": str(PORT),
    "max_connections": "150",
    "shared_buffers": "128MB",
    "huge_pages": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "idle_in_transaction_session_timeout": "60s",
    "client_connection_check_interval": "2s",
    # Patients' values must not reach the log: no statement, no DETAIL (which quotes the row).
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
_DURABLE: Final = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
_THROW_AWAY: Final = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def prepare_cluster(layout: Layout, binaries: Binaries, *, durable: bool) -> None:
    """Make the cluster when there is none; refuse one that another major version made.

    A cluster appears under its name only once complete: an interrupted attempt is thrown away and begun
    again.
    """
    marker = layout.cluster / "PG_VERSION"
    if marker.exists():
        found = marker.read_text(encoding="ascii").strip()
        if found != binaries.major:
            raise PostgresFailed(
                f"{layout.cluster} was made by PostgreSQL {found} and this is {binaries.version}: "
                f"carry it over with pg_dump and pg_restore, or set SNP_DATA_DIR to a new place"
            )
        return
    if layout.cluster.exists():
        raise PostgresFailed(f"{layout.cluster} is not a PostgreSQL cluster: move it away")
    for left in layout.home.glob("cluster.new.*"):
        shutil.rmtree(left, ignore_errors=True)
    draft = layout.cluster.with_name(f"cluster.new.{os.getpid()}")
    make_private(draft, layout.account)
    _initdb(layout, binaries, draft, durable=durable)
    draft.rename(layout.cluster)


def write_access_rules(layout: Layout) -> None:
    """Let in, over the socket, the account that owns the service and root.

    Nobody else, not even the server's.

    The files stand outside the cluster, which belongs to the server's account: root must not write there.
    """
    who = f"{USER} peer map=owner\n"
    _write(layout.home / "pg_hba.conf", f"local all {who}local replication {who}")
    owners = sorted({pwd.getpwuid(os.geteuid()).pw_name, "root"})
    _write(layout.home / "pg_ident.conf", "".join(f"owner {json.dumps(name)} {USER}\n" for name in owners))


def server_command(
    layout: Layout, binaries: Binaries, socket_directory: Path, *, durable: bool, archive: Path | None = None
) -> list[str]:
    """The command line of the server, every setting on it so that the cluster carries none of its own.

    With `archive` each segment of the write-ahead log is copied there, after a minute at the latest.
    """
    settings = _MODEST | (_DURABLE if durable else _THROW_AWAY)
    if archive is not None:
        settings |= {
            "archive_mode": "on",
            "archive_timeout": "60s",
            "archive_command": _archive_command(archive),
        }
    settings["unix_socket_directories"] = str(socket_directory)
    settings["hba_file"] = str(layout.home / "pg_hba.conf")
    settings["ident_file"] = str(layout.home / "pg_ident.conf")
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return [binaries.program("postgres"), "-D", str(layout.cluster), *options]


def _archive_command(archive: Path) -> str:
    """Copy a segment whole or not at all, never over another; one that is there already is well.

    Source: PostgreSQL documentation, §26.3.1 (the command must refuse to overwrite, and succeed for a file
    that was archived before a crash).
    """
    target = f"{shlex.quote(str(archive).replace('%', '%%'))}/%f"
    return f"cmp -s %p {target} || (test ! -e {target} && cp %p {target}.part && mv {target}.part {target})"


def _initdb(layout: Layout, binaries: Binaries, target: Path, *, durable: bool) -> None:
    """Run initdb.

    The built-in C.UTF-8 locale sorts the same on every machine and never changes under an index.

    Source: PostgreSQL 17 documentation, §23.2.2.
    """
    command = [
        *(binaries.program("initdb"), "-D", str(target), "-U", USER, "--encoding=UTF8", "--locale=C"),
        *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--auth=reject", "--no-instructions"),
        *(() if durable else ("--no-sync",)),
    ]
    run = layout.account.run(command, cwd=layout.home, env=ENVIRONMENT)
    if run.returncode != 0:
        last = (run.stderr.strip() or run.stdout.strip() or f"exit {run.returncode}").splitlines()[-1]
        raise PostgresFailed(f"cannot make a PostgreSQL cluster in {layout.home}: {last}")


def _write(path: Path, text: str) -> None:
    draft = path.with_name(path.name + ".new")
    draft.write_text(text, encoding="utf-8")
    draft.chmod(0o644)
    draft.replace(path)
