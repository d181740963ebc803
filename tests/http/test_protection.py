"""A person's rights and the journal: the delegate sees his territory, everything he does is told."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from api.jobs import work
from regulation.intake import service as intake
from regulation.research import service as research
from regulation.research.repository import needs as research_needs
from snp.platform import audit_chain
from snp.platform.actors import system
from snp.platform.crypto import Keyring
from snp.platform.keys import Keys
from tests.support.http import World, a_patient, book, expect, open_request, publish, refused, seeking_request

WHY = {"why": "demande écrite du 24 novembre"}


def patient_of(world: World, request_id: str) -> str:
    with world.service.session() as session:
        found = session.connection().scalar(
            sa.text("SELECT patient_id FROM request WHERE id = :id"), {"id": request_id}
        )
    return str(found)


@pytest.fixture
def served(world: World) -> tuple[World, str]:
    """A patient with an appointment that was honoured, and his id."""
    publish(world, "2026-11-25T10:00:00+01:00")
    request = seeking_request(world)
    appointment = book(world, request["id"])
    world.service.later(days=2)
    expect(
        world.osnp.post(f"/api/v1/appointments/{appointment['id']}/honour"),
        200,
    )
    return world, patient_of(world, request["id"])


def test_the_delegate_gives_a_person_all_that_is_kept_of_him(served: tuple[World, str]) -> None:
    world, patient = served

    record = expect(world.dpo.get(f"/api/v1/patients/{patient}/record", params=WHY), 200)["record"]

    assert record["identity"]["family_name"] == "Guérin"
    assert [one["state"] for one in record["requests"]] == ["closed"]
    assert record["requests"][0]["story"][0]["move"] == "open"
    assert [one["status"] for one in record["appointments"]] == ["honoured"]
    assert record["accesses"][0]["action"] == "read"
    assert any(one["action"] == "export" and one["why"] == WHY["why"] for one in record["accesses"])


def test_who_was_forgotten_is_nobody_any_more_and_his_care_still_counts(served: tuple[World, str]) -> None:
    world, patient = served
    with world.service.session() as session:
        before = session.connection().execute(sa.text("SELECT person_hash, identity FROM patient")).one()

    assert expect(world.dpo.post(f"/api/v1/patients/{patient}/forget", json=WHY), 200) == {"forgotten": True}
    assert expect(world.dpo.post(f"/api/v1/patients/{patient}/forget", json=WHY), 200) == {"forgotten": False}

    record = expect(world.dpo.get(f"/api/v1/patients/{patient}/record", params=WHY), 200)["record"]
    assert record["forgotten_at"] is not None
    assert record["identity"]["family_name"] == "(identité effacée)"
    assert record["identity"]["phone"] is None
    assert len(record["appointments"]) == 1
    with world.service.session() as session:
        row = session.connection().execute(sa.text("SELECT * FROM patient")).one()
        sealed = session.connection().execute(sa.text("SELECT caller, note FROM request")).one()
    assert (row.phone_hash, sealed.caller, sealed.note) == (None, None, None)
    assert row.person_hash != before.person_hash


def test_nobody_is_forgotten_while_he_is_cared_for(world: World) -> None:
    request = open_request(world)
    patient = patient_of(world, request["id"])

    problem = refused(world.dpo.post(f"/api/v1/patients/{patient}/forget", json=WHY), 409, "still-served")

    assert request["number"] in problem["detail"]


def test_an_identity_is_put_right_even_when_all_is_over(served: tuple[World, str]) -> None:
    world, patient = served
    body = {"patient": a_patient(family_name="Guerrin"), **WHY}

    expect(world.dpo.put(f"/api/v1/patients/{patient}/identity", json=body), 204)
    wrong = {"patient": a_patient(insee="00000"), **WHY}
    refused(world.dpo.put(f"/api/v1/patients/{patient}/identity", json=wrong), 422, "invalid-value")

    record = expect(world.dpo.get(f"/api/v1/patients/{patient}/record", params=WHY), 200)["record"]
    assert record["identity"]["family_name"] == "Guerrin"


def test_a_person_of_the_neighbour_is_not_found_by_any_way(served: tuple[World, str]) -> None:
    world, patient = served
    stranger = world.neighbour_dpo

    refused(stranger.get(f"/api/v1/patients/{patient}/record", params=WHY), 404, "not-found")
    refused(stranger.post(f"/api/v1/patients/{patient}/forget", json=WHY), 404, "not-found")
    body = {"patient": a_patient(), **WHY}
    refused(stranger.put(f"/api/v1/patients/{patient}/identity", json=body), 404, "not-found")
    assert expect(stranger.get("/api/v1/audit"), 200)["items"] == []


def test_the_journal_says_who_read_whom_and_why_and_pages_without_a_gap(served: tuple[World, str]) -> None:
    world, patient = served

    first = expect(world.dpo.get("/api/v1/audit", params={"patient_id": patient, "limit": 2}), 200)
    rest = expect(
        world.dpo.get("/api/v1/audit", params={"patient_id": patient, "before": first["next"]}), 200
    )

    ids = [one["id"] for one in first["items"] + rest["items"]]
    assert ids == sorted(ids, reverse=True)
    assert {one["patient_id"] for one in first["items"] + rest["items"]} == {patient}
    assert rest["items"][-1]["action"] == "create"
    again = expect(world.dpo.get("/api/v1/audit", params={"patient_id": patient}), 200)["items"]
    assert [one["resource"] for one in again[:2]] == ["audit", "audit"]
    created = expect(world.dpo.get("/api/v1/audit", params={"action": "create"}), 200)["items"]
    assert {one["action"] for one in created} == {"create"}


def test_what_is_kept_too_long_is_forgotten_by_itself(served: tuple[World, str]) -> None:
    world, _patient = served
    kept = world.service.wiring.settings.identity_kept_days
    recent = seeking_request(world, patient=a_patient(given_name="Jade", phone="0612345679"))
    work.seal_audit(world.service.wiring)

    world.service.later(days=kept - 3)
    assert work.apply_retention(world.service.wiring) > 0  # the journal is kept less long than the names
    world.service.later(days=2)
    work.apply_retention(world.service.wiring)

    with world.service.session() as session:
        rows = (
            session.connection()
            .execute(sa.text("SELECT id, forgotten_at FROM patient ORDER BY created_at"))
            .all()
        )
    assert rows[0].forgotten_at is not None
    assert (str(rows[1].id), rows[1].forgotten_at) == (patient_of(world, recent["id"]), None)


def name_of(n: int) -> str:
    return f"Nom {'ABCDEFGHIJKLMNOPQRST'[n]}"


def one_call(world: World, n: int) -> dict[str, object]:
    """A call for a person of its own."""
    return open_request(world, patient=a_patient(family_name=name_of(n), phone=f"06123456{n:02}"))


def test_keys_change_while_people_are_served_and_nobody_is_lost(world: World) -> None:
    """A rotation in batches, beside calls that come in under the old and the new key."""
    opened = [one_call(world, n) for n in range(8)]
    old = world.service.wiring.keys
    both = Keyring({**Keyring.generate("k2").keys, **old.identity.keys})
    hashes = Keyring({**Keyring.generate("h2").keys, **old.hashing.keys})
    world.service.wiring.keys = Keys(identity=both, hashing=hashes, session_secret=old.session_secret)
    faults: list[object] = []

    def calls() -> None:
        try:
            opened.extend(one_call(world, n) for n in range(8, 20))
        except BaseException as error:  # noqa: BLE001 - told to the test
            faults.append(error)

    thread = threading.Thread(target=calls)
    thread.start()
    after = None
    while True:
        with world.service.session() as session:
            after = intake.reseal_identities(
                session,
                after=after,
                limit=3,
                keys=world.service.wiring.keys,
                by=system("test"),
                now=world.service.clock.now(),
            )
        if after is None:
            break
    thread.join()

    assert faults == []
    new_only = Keys(
        identity=Keyring({"k2": both.keys["k2"]}),
        hashing=Keyring({"h2": hashes.keys["h2"]}),
        session_secret=old.session_secret,
    )
    with world.service.session() as session:
        assert intake.try_keys(session, keys=new_only) == (2, 2)
    world.service.wiring.keys = new_only
    for n, request in enumerate(opened):
        answer = world.regulateur.get(f"/api/v1/requests/{request['id']}/patient", params={"why": "essai"})
        assert expect(answer, 200)["patient"]["family_name"] == name_of(n)
    duplicate = expect(
        world.arm.post(
            "/api/v1/requests",
            json={
                "territory_id": str(world.territory.id),
                "patient": a_patient(family_name=name_of(3), phone="0612345603"),
            },
        ),
        201,
    )
    assert duplicate["duplicates"]


def test_a_research_table_is_made_of_what_happened_and_told_in_the_journal(served: tuple[World, str]) -> None:
    world, _patient = served
    now = world.service.clock.now()
    with world.service.session() as session:
        found = research_needs(session, world.territory.id, now - timedelta(days=10), now)
        table = research.export(
            session,
            world.territory.id,
            now - timedelta(days=10),
            now,
            why="étude des délais",
            by=system("test"),
            now=now,
        )
        told = (
            session.connection()
            .execute(sa.text("SELECT why, detail FROM audit_entry WHERE resource = 'research'"))
            .one()
        )

    assert [(one.outcome, one.attendance, one.origin) for one in found] == [
        ("served", "honoured", "regulation")
    ]
    assert (table.rows, table.left_out) == ((), 1)  # one need alone would be somebody
    assert told == ("étude des délais", {"rows": 0, "left_out": 1, "k": 5})


def test_the_journal_stays_sealed_through_all_this(served: tuple[World, str]) -> None:
    world, patient = served
    expect(world.dpo.post(f"/api/v1/patients/{patient}/forget", json=WHY), 200)

    assert work.seal_audit(world.service.wiring) > 0
    assert work.verify_audit(world.service.wiring) == 0

    with world.service.session() as session:
        blocks = list(audit_chain.verify(session, hasher=world.service.wiring.keys.hasher()))
    assert [one.fault for one in blocks] == [None]
    assert blocks[0].sealed_at - world.service.clock.now() <= timedelta(0)


def test_the_journal_tells_of_which_dossier_and_holds_the_accesses_to_the_list(world: World) -> None:
    """Who is on the médecin traitant list may have no dossier: his accesses are read all the same."""
    request = open_request(world)
    expect(world.osnp.post(f"/api/v1/mt-entries/from-request/{request['id']}", json={}), 201)

    found = expect(world.dpo.get("/api/v1/audit", params={"action": "create"}), 200)["items"]

    assert {(one["resource"], one["number"]) for one in found} >= {
        ("request", request["number"]),
        ("mt_entry", None),
    }
    assert expect(world.neighbour_dpo.get("/api/v1/audit"), 200)["items"] == []
