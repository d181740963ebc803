"""`snp` as an operator types it: one command starts everything, one signal ends it, faults are one line."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from api.commands.naming import GivenRole
from snp.platform.actors import ATTENDED_ROLES
from tests.support.commands import Command
from tests.support.http import Service, World, expect, refused


def _environment(data_dir: Path, **settings: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SNP_")}
    return (
        kept | {"SNP_DATA_DIR": str(data_dir), "SNP_ENVIRONMENT": "development", "COLUMNS": "100"} | settings
    )


@contextmanager
def running(port: int, env: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """The service in a process of its own, ready to answer."""
    command = [sys.executable, "-m", "api.cli", "run", "--no-demo", "--port", str(port)]
    process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        _await_ready(process, port)
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def _await_ready(process: subprocess.Popen[str], port: int) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()[0]
        try:
            if httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the service did not become ready")


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
        return number


@pytest.fixture
def env(clean_database: sa.URL, tmp_path: Path) -> dict[str, str]:
    """An operator's environment over this test's own database."""
    return _environment(tmp_path, SNP_DATABASE_URL=clean_database.render_as_string(hide_password=False))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_service_starts_serves_and_ends_at_a_signal(
    env: dict[str, str], port: int, number: signal.Signals
) -> None:
    with running(port, env) as process:
        process.send_signal(number)
        said = process.communicate(timeout=60)[0]

    assert process.returncode == 0, said
    assert f"http://127.0.0.1:{port}/docs" in said
    assert "leader.elected" in said
    assert "service.stopped" in said
    assert "Traceback" not in said


def test_a_key_made_on_the_command_line_opens_the_door(snp: Command, service: Service) -> None:
    url = service.wiring.engine.url.render_as_string(hide_password=False)
    here = {"SNP_DATABASE_URL": url, "SNP_DATA_DIR": str(service.wiring.settings.data_dir)}

    made = snp("key", "create", "essai", "--role", "administrator", **here)
    caller = service.caller(made.stdout.strip())
    assert expect(caller.get("/api/v1/me"), 200)["role"] == "administrator"
    prefix = made.stdout.split("_")[1]
    assert prefix in snp("key", "list", **here).stdout

    assert "révoquée" in snp("key", "revoke", prefix, **here).stdout

    refused(caller.get("/api/v1/me"), 401, "not-signed-in")


def test_a_port_in_use_is_told_in_one_line(snp: Command) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        told = snp("run", "--port", str(taken.getsockname()[1]))

    assert told.exit_code == 2
    assert "est déjà pris" in told.stderr
    assert told.stderr.count("\n") == 1


def test_an_account_is_made_and_its_faults_are_one_line(snp: Command) -> None:
    arguments = ("account", "create", "m.durand", "--role", "administrator")
    made = snp(*arguments, SNP_PASSWORD="un mot de passe long")
    again = snp(*arguments, SNP_PASSWORD="un mot de passe long")
    short = snp(*arguments, SNP_PASSWORD="court")
    changed = snp("account", "password", "M.Durand", SNP_PASSWORD="un autre bien long")

    assert (made.exit_code, changed.exit_code) == (0, 0), made.stderr + changed.stderr
    for told, words in ((again, "déjà pris"), (short, "12 à 200 caractères")):
        assert told.exit_code == 2
        assert words in told.stderr


@pytest.mark.parametrize(
    ("arguments", "changes", "words"),
    [
        (("assign-pool", "--territory", "nulle-part"), {}, "Introuvable"),
        (("migrate",), {"SNP_PORT": "abc"}, "SNP_PORT"),
        (("migrate",), {"SNP_DATABASE_URL": "postgresql://127.0.0.1:1/x"}, "ne répond pas"),
        (("key", "create", "x", "--role", "arm"), {}, "au moins un territoire"),
        (("key", "create", "x", "--role", "practitioner", "--practitioner", "1"), {}, "Introuvable"),
        (("key", "revoke", "nothing"), {}, "Introuvable"),
        (("account", "password", "nobody"), {"SNP_PASSWORD": "un mot de passe long"}, "Introuvable"),
    ],
)
def test_an_expected_fault_is_one_line_and_exit_two(
    snp: Command, arguments: tuple[str, ...], changes: dict[str, str], words: str
) -> None:
    told = snp(*arguments, **changes)

    assert told.exit_code == 2
    assert words in told.stderr
    assert told.stderr.startswith("snp : ")


@pytest.mark.parametrize("role", ["patient", "system"])
@pytest.mark.parametrize("kind", ["key", "account"])
def test_a_role_with_nobody_behind_it_is_neither_offered_nor_taken(
    snp: Command, kind: str, role: str
) -> None:
    told = snp(kind, "create", "quelqu-un", "--role", role, SNP_PASSWORD="un mot de passe long")

    assert told.exit_code == 2
    assert "regulateur" in told.stderr
    assert {offered.value for offered in GivenRole} == {given.value for given in ATTENDED_ROLES}


def test_migrating_twice_and_resealing_nothing_are_fine(snp: Command) -> None:
    assert "à la version" in snp("migrate").stdout
    assert "à la version" in snp("migrate").stdout
    assert snp("identity", "rotate").exit_code == 0


def test_a_pool_is_assigned_from_the_command_line(snp: Command, world: World) -> None:
    service = world.service
    url = service.wiring.engine.url.render_as_string(hide_password=False)
    done = snp(
        "assign-pool",
        "--territory",
        world.territory.slug,
        SNP_DATABASE_URL=url,
        SNP_DATA_DIR=str(service.wiring.settings.data_dir),
    )

    assert done.exit_code == 0, done.stderr
    assert world.territory.name in done.stdout


def test_the_help_imports_nothing_heavy(tmp_path: Path) -> None:
    script = "import sys; from api.cli import build; build(['--help']); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], env=_environment(tmp_path), capture_output=True, text=True, check=True
    )

    assert not {"ortools", "fastapi", "sqlalchemy", "numpy"} & set(done.stdout.split())


def test_the_help_names_every_command(snp: Command) -> None:
    told = snp("--help").stdout

    for name in ("run", "demo", "migrate", "directory", "key", "assign-pool", "solve", "replay", "simulate"):
        assert f" {name} " in told
    assert snp("--version").stdout.strip() == version("snp")
    assert snp("version").stdout.strip() == version("snp")


def test_doctor_says_what_is_to_be_mended_and_ends_accordingly(snp: Command, env: dict[str, str]) -> None:
    well = snp("doctor")
    assert (well.exit_code, "Rien à réparer." in well.stdout) == (0, True), well.output

    away = snp("doctor", SNP_DATABASE_URL="postgresql://nobody@127.0.0.1:9/none")
    assert (away.exit_code, "À réparer : 1." in away.stdout) == (1, True), away.output


def test_a_backup_is_made_listed_and_judged_by_commands(snp: Command, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    made = snp("backup", "create", "--to", str(kept))
    assert made.exit_code == 0, made.output
    [folder] = kept.iterdir()

    assert folder.name in snp("backup", "list", str(kept)).stdout
    assert snp("backup", "check", str(folder)).exit_code == 0
    refused_ = snp("backup", "restore", str(folder), "--at", "2026-11-26T10:00")
    assert (refused_.exit_code, "logique" in refused_.stderr) == (2, True), refused_.output
