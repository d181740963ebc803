"""The outbox over HTTP and at the command line: figures, what was given up, sending again, giving up."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from api.jobs.work import prune
from snp.notifications import service as outbox
from snp.notifications.facts import Delivered, MessageState, Outcome, Refused
from snp.notifications.rules import RetryPolicy
from snp.platform.columns import new_id
from tests.support.commands import Command
from tests.support.http import NOW, World, expect, refused

REFUSED = Refused("http-422:business-rule")


def settled(world: World, outcome: Outcome, territory: UUID | None, topic: str = "sas.appointment") -> UUID:
    """A message that was tried once."""
    with world.service.session() as session:
        ident = outbox.enqueue(
            session,
            topic,
            f"essai:{new_id()}",
            {"appointment_id": str(new_id())},
            NOW,
            territory_id=territory,
        )
        message = outbox.claim(session, {topic}, now=NOW)
        assert message is not None
        outbox.settle(session, message, outcome, policy=RetryPolicy(), chance=1.0, now=NOW)
    return ident


def state_of(world: World, ident: UUID) -> MessageState:
    with world.service.session() as session:
        return outbox.get_message(session, ident).state


def test_a_coordinator_sees_his_given_up_messages_and_no_others(world: World) -> None:
    mine = settled(world, REFUSED, world.territory.id)
    settled(world, Delivered(), world.territory.id)
    settled(world, REFUSED, world.neighbour.id)
    settled(world, REFUSED, None)

    seen = expect(world.coordinator.get("/api/v1/outbox"), 200)

    (row,) = seen["figures"]
    assert (row["topic"], row["dead"], row["delivered"]) == ("sas.appointment", 1, 1)
    (dead,) = seen["dead"]["items"]
    assert (dead["id"], dead["last_error"]) == (str(mine), "http-422:business-rule")
    assert "payload" not in dead
    everything = expect(world.administrator.get("/api/v1/outbox"), 200)
    assert len(everything["dead"]["items"]) == 3


def test_given_up_messages_come_in_pages(world: World) -> None:
    made = [str(settled(world, REFUSED, world.territory.id)) for _ in range(5)]

    found, cursor = [], None
    while True:
        asked = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = expect(world.coordinator.get("/api/v1/outbox", params=asked), 200)["dead"]
        found += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break

    assert found == made
    refused(world.coordinator.get("/api/v1/outbox?cursor=WyJ4Il0"), 422, "invalid-value")


def test_a_coordinator_sends_a_given_up_message_again(world: World) -> None:
    mine = settled(world, REFUSED, world.territory.id)
    sent = settled(world, Delivered(), world.territory.id)
    theirs = settled(world, REFUSED, world.neighbour.id)

    shown = expect(world.coordinator.post(f"/api/v1/outbox/{mine}/replay"), 200)

    assert (shown["state"], shown["settled_at"]) == ("pending", None)
    assert state_of(world, mine) is MessageState.PENDING
    refused(world.coordinator.post(f"/api/v1/outbox/{mine}/replay"), 409, "message-not-replayable")
    refused(world.coordinator.post(f"/api/v1/outbox/{sent}/replay"), 409, "message-not-replayable")
    refused(world.coordinator.post(f"/api/v1/outbox/{theirs}/replay"), 404, "not-found")
    refused(world.regulateur.get("/api/v1/outbox"), 403, "forbidden")
    assert state_of(world, theirs) is MessageState.DEAD


@pytest.fixture
def env(world: World, tmp_path: object) -> dict[str, str]:
    """Commands work on the database of the test."""
    url = world.service.wiring.engine.url.render_as_string(hide_password=False)
    return {
        "SNP_DATA_DIR": str(tmp_path),
        "SNP_ENVIRONMENT": "test",
        "SNP_DATABASE_URL": url,
        "COLUMNS": "140",
    }


def test_the_command_line_lists_shows_replays_and_drops(world: World, snp: Command) -> None:
    one = settled(world, REFUSED, world.territory.id)
    other = settled(world, REFUSED, world.territory.id)

    listed = snp("outbox", "list").output
    assert str(one) in listed
    assert "http-422:business-rule" in listed
    shown = snp("outbox", "show", str(one)).output
    assert "abandonné" in shown
    assert "appointment_id=" in shown
    assert snp("outbox", "replay", str(one)).exit_code == 0
    assert state_of(world, one) is MessageState.PENDING
    assert snp("outbox", "drop", str(one)).exit_code == 0
    assert state_of(world, one) is MessageState.DROPPED
    assert "1" in snp("outbox", "replay", "--topic", "sas.appointment").output
    assert state_of(world, other) is MessageState.PENDING
    assert state_of(world, one) is MessageState.DROPPED


def test_the_command_line_refuses_in_one_line(world: World, snp: Command) -> None:
    sent = settled(world, Delivered(), None)

    again = snp("outbox", "replay", str(sent))
    assert again.exit_code == 2
    assert "ne peut pas être renvoyé" in again.output
    assert snp("outbox", "drop", str(sent)).exit_code == 2
    assert "Introuvable" in snp("outbox", "show", str(new_id())).output
    assert snp("outbox", "replay").exit_code == 2
    assert snp("outbox", "replay", str(sent), "--topic", "x").exit_code == 2


def test_an_empty_outbox_says_so(snp: Command) -> None:
    assert "Aucun message" in snp("outbox", "list").output


def test_settled_messages_are_forgotten_by_the_nightly_job(world: World) -> None:
    kept = settled(world, REFUSED, None)
    settled(world, Delivered(), None)

    world.service.later(days=world.service.wiring.settings.outbox_kept_days + 1)
    assert prune(world.service.wiring) == 1
    assert state_of(world, kept) is MessageState.DEAD
    world.service.clock.instant = NOW + timedelta(days=400)
    assert prune(world.service.wiring) == 1
