"""`snp doctor` finds what is wrong, says what to do, and says nothing of people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from api.doctor import installation, running, separating
from api.doctor.facts import Level
from api.jobs import work
from snp.platform.crypto import Keyring
from snp.platform.settings import Environment, Settings
from tests.support.certificates import Authority
from tests.support.http import World, seeking_request

NOW = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)


def levels(settings: Settings) -> dict[str, Level]:
    return {one.what: one.level for one in installation.look(settings, now=NOW)}


def production(tmp_path: Path, **changes: object) -> Settings:
    values: dict[str, object] = {
        "environment": Environment.PRODUCTION,
        "data_dir": tmp_path,
        "public_url": "https://snp.example.fr",
        "identity_keys": SecretStr(Keyring.generate("k1").format()),
        "hash_keys": SecretStr(Keyring.generate("h1").format()),
        "session_secret": SecretStr("s" * 48),
        "smtp_host": "smtp.example.fr",
        "sms_url": "https://sms.example.fr",
        "fhir_access": "off",
        "database_url": None,
        "postgres_archive": tmp_path / "archive",
    }
    return Settings(_env_file=None, **(values | changes))


def test_a_production_service_with_all_it_needs_has_nothing_to_mend(tmp_path: Path) -> None:
    assert set(levels(production(tmp_path)).values()) == {Level.WELL}


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"demo": True}, "Environnement"),
        ({"public_url": "http://snp.example.fr"}, "Adresse publique"),
        ({"identity_keys": None}, "Clés d’identité"),
        ({"smtp_security": "none"}, "Courriels"),
        ({"fhir_access": "proxy"}, "Porte de la plateforme SAS"),
        ({"sas_client_certificate": Path("/nowhere.pem")}, "Certificat vers la plateforme"),
    ],
)
def test_what_is_unsafe_in_production_is_to_be_mended(
    tmp_path: Path, changes: dict[str, object], what: str
) -> None:
    found = levels(production(tmp_path, **changes))

    assert [name for name, level in found.items() if level is Level.MEND] == [what]


def test_a_certificate_about_to_end_is_told(tmp_path: Path) -> None:
    ends = datetime.now(UTC) + timedelta(days=10)
    path = Authority(tmp_path).sign("127.0.0.1", cn="snp", until=ends).certificate
    settings = production(tmp_path, sas_client_certificate=path)

    found = {one.what: one for one in installation.look(settings, now=datetime.now(UTC))}

    assert found["Certificat vers la plateforme"].level is Level.WATCH
    later = datetime.now(UTC) + timedelta(days=20)
    found = {one.what: one for one in installation.look(settings, now=later)}
    assert found["Certificat vers la plateforme"].level is Level.MEND


def seen(world: World, **changes: object) -> dict[str, Level]:
    settings = world.service.wiring.settings.model_copy(update=changes)
    return {one.what: one.level for one in running.look(settings, world.service.wiring.engine.url)}


def test_a_database_at_work_is_judged(world: World) -> None:
    seeking_request(world)
    world.service.at(datetime.now(UTC))
    work.watch_invariants(world.service.wiring)

    assert seen(world) == {
        "Base de données": Level.WELL,
        "Horloge": Level.WELL,
        "Schéma": Level.WELL,
        "Second verrou des territoires": Level.WELL,
        "Tâches de fond": Level.WATCH,
        "Invariants": Level.WELL,
        "Messages": Level.WELL,
        "Identités": Level.WELL,
    }


def lock(world: World, statement: str, **changes: object) -> tuple[Level, str, str]:
    """How the second lock stands after a statement of somebody who knows no better."""
    settings = world.service.wiring.settings.model_copy(update=changes)
    with world.service.session() as session:
        session.connection().execute(sa.text(statement))
        found = separating.look(session, settings)
    return found.level, found.seen, found.advice


def test_a_lock_that_is_open_is_told_with_what_closes_it(world: World) -> None:
    level, _, advice = lock(world, "REVOKE UPDATE ON request FROM snp_near")
    assert (level, advice) == (Level.MEND, "sous le compte du service : SELECT snp_near_let_in();")
    assert lock(world, "SELECT snp_near_let_in()")[0] is Level.WELL

    opened = "ALTER TABLE patient DISABLE ROW LEVEL SECURITY; DROP POLICY near ON request"
    assert lock(world, opened)[:2] == (Level.MEND, "ouvertes : patient, request")

    assert lock(world, "SELECT 1", row_security=False)[0] is Level.WATCH
    in_production = {"row_security": False, "environment": Environment.PRODUCTION}
    assert lock(world, "SELECT 1", **in_production)[0] is Level.MEND


def test_a_key_that_changed_is_told_before_anybody_needs_it(world: World) -> None:
    seeking_request(world)

    found = seen(world, identity_keys=SecretStr(Keyring.generate("k1").format()))

    assert found["Identités"] is Level.MEND


def test_a_broken_invariant_and_a_dead_message_are_to_be_mended(world: World) -> None:
    request = seeking_request(world)
    with world.service.session() as session:
        session.connection().execute(
            sa.text("UPDATE request SET state = 'booked' WHERE id = :id"), {"id": request["id"]}
        )
        session.connection().execute(
            sa.text(
                "INSERT INTO outbox_message (id, topic, subject, payload, created_at, due_at,"
                " next_attempt_at, state, settled_at)"
                " VALUES (gen_random_uuid(), 't', 's', '{}', now(), now(), now(), 'dead', now())"
            )
        )
    work.watch_invariants(world.service.wiring)

    found = seen(world)

    assert found["Invariant"] is Level.MEND
    assert found["Messages"] is Level.MEND


def test_a_schema_of_another_version_is_told(world: World) -> None:
    with world.service.session() as session:
        session.connection().execute(sa.text("UPDATE alembic_version SET version_num = 'other'"))

    assert seen(world)["Schéma"] is Level.MEND
