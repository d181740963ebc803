"""Break-glass: one dossier of a neighbour is read for a time, and its territory hears of it at once."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from api.jobs import work
from regulation.messages import service as messages
from regulation.messages.facts import Letter
from snp.notifications import service as outbox
from tests.support.http import World, expect, open_request, refused

WHY = "Patient inconscient, le SMUR demande son identité"
PATH = "/api/v1/emergency-accesses"


@pytest.fixture
def dossier(world: World) -> dict[str, Any]:
    """A dossier of the CPTS, whose coordinator and delegate can be told."""
    path = f"/api/v1/territories/{world.territory.id}"
    found = world.coordinator.get(path)
    kept = {name: found.json()[name] for name in ("slug", "name", "department", "communes")}
    told = {"alert_emails": ["cpts@exemple.fr"], "protection_emails": ["dpo@exemple.fr"]}
    etag = {"If-Match": found.headers["etag"]}
    expect(world.coordinator.put(path, json={**kept, "settings": told}, headers=etag), 200)
    return open_request(world)


def opened(world: World, dossier: dict[str, Any]) -> dict[str, Any]:
    body = {"number": dossier["number"], "reason": WHY}
    return dict(expect(world.neighbour_regulateur.post(PATH, json=body), 201))


def test_a_regulator_next_door_reads_identity_and_story_for_an_hour(
    world: World, dossier: dict[str, Any]
) -> None:
    request = f"/api/v1/requests/{dossier['id']}"
    access = opened(world, dossier)
    shown = expect(world.neighbour_regulateur.get(f"{PATH}/{access['id']}"), 200)

    assert shown["patient"]["family_name"] == "Guérin"
    assert [one["move"] for one in shown["story"]] == ["open"]
    refused(world.neighbour_regulateur.get(request), 404, "not-found")
    refused(world.neighbour_regulateur.get(f"{request}/patient?why=essai"), 404, "not-found")
    refused(world.neighbour_osnp.get(f"{PATH}/{access['id']}"), 404, "not-found")

    world.service.later(minutes=59)
    expect(world.neighbour_regulateur.get(f"{PATH}/{access['id']}"), 200)
    world.service.later(minutes=1)
    refused(world.neighbour_regulateur.get(f"{PATH}/{access['id']}"), 409, "emergency-over")
    assert opened(world, dossier)["id"] != access["id"]


def test_who_opens_twice_is_told_of_once(world: World, dossier: dict[str, Any]) -> None:
    assert opened(world, dossier)["id"] == opened(world, dossier)["id"]

    with world.service.session() as session:
        rows = session.connection().execute(
            sa.text("SELECT id, topic, subject, payload, territory_id FROM outbox_message ORDER BY id")
        )
        queued = [row for row in rows if row.payload.get("kind") == "emergency_opened"]
    assert len(queued) == 2
    assert {row.territory_id for row in queued} == {world.territory.id}
    assert "Guérin" not in str(queued)
    assert WHY not in str(queued)


def test_the_territory_reads_when_and_by_which_role_never_whose(
    world: World, dossier: dict[str, Any]
) -> None:
    opened(world, dossier)
    letters = _letters(world)

    assert {one.to for one in letters} == {"cpts@exemple.fr", "dpo@exemple.fr"}
    for one in letters:
        assert "médecin régulateur d’un autre territoire" in one.text
        assert "/protection/urgences" in one.text
        assert "Guérin" not in one.text + one.subject
        assert dossier["number"] not in one.text + one.subject


def test_the_delegate_finds_it_in_his_list_and_his_journal(world: World, dossier: dict[str, Any]) -> None:
    access = opened(world, dossier)
    expect(world.neighbour_regulateur.get(f"{PATH}/{access['id']}"), 200)

    listed = expect(world.dpo.get(PATH), 200)["items"]
    assert [(one["number"], one["reason"], one["role"]) for one in listed] == [
        (dossier["number"], WHY, "regulateur")
    ]
    assert expect(world.neighbour_dpo.get(PATH), 200)["items"] == []
    lines = expect(world.dpo.get("/api/v1/audit", params={"action": "emergency"}), 200)["items"]
    assert [one["why"] for one in lines] == [WHY, WHY]
    assert {one["actor"] for one in lines} == {access["opened_by"]}


@pytest.mark.parametrize("reason", ["", "   ", "urgent", "x" * 201])
def test_a_reason_is_said(world: World, dossier: dict[str, Any], reason: str) -> None:
    answer = world.neighbour_regulateur.post(PATH, json={"number": dossier["number"], "reason": reason})
    assert answer.status_code == 422, answer.text


def test_no_dossier_of_ones_own_is_opened_so_nor_one_that_is_not(
    world: World, dossier: dict[str, Any]
) -> None:
    body = {"number": dossier["number"], "reason": WHY}
    refused(world.regulateur.post(PATH, json=body), 409, "emergency-not-needed")
    refused(world.neighbour_arm.post(PATH, json=body), 403, "forbidden")
    refused(world.neighbour_osnp.post(PATH, json=body | {"number": "2699-NONE"}), 404, "not-found")


def test_the_list_is_kept_as_long_as_the_journal(world: World, dossier: dict[str, Any]) -> None:
    opened(world, dossier)
    world.service.later(days=world.service.wiring.settings.audit_kept_days + 1)

    work.apply_retention(world.service.wiring)

    assert expect(world.dpo.get(PATH), 200)["items"] == []


def _letters(world: World) -> list[Letter]:
    desk, now = messages.Desk(world.service.wiring.keys, "https://snp.exemple.fr"), world.service.clock.now()
    found = []
    with world.service.session() as session:
        while message := outbox.claim(session, {"email"}, now=now):
            if message.payload["kind"] == "emergency_opened":
                letter = messages.compose(session, message, desk, now)
                assert isinstance(letter, Letter)
                found.append(letter)
    return found
