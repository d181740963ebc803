"""The whole documented API, driven from its own document: no fault of ours, nothing undocumented."""

from __future__ import annotations

from bench.fuzz import fhir
from bench.fuzz.driving import Campaign
from bench.fuzz.stage import play
from tests.support.http import Service, World

ROLES = ("administrator", "regulateur", "pharmacy")
"""One who may administer, one who decides, and one who may do little."""


def test_every_operation_answers_as_documented(world: World) -> None:
    play(world)
    keys = {role: world.key(role) for role in ROLES}
    campaign = Campaign(world.service.app.openapi(), world.service.url, keys)

    campaign.walk(1)
    campaign.close()

    assert list(campaign.failures) == []
    asked = {operation for (_, operation), tried in campaign.tried.items() if tried.requests}
    assert asked == {operation.label for operation in campaign.operations}


def test_the_fhir_door_answers_in_fhir_whatever_is_sent(service: Service) -> None:
    tried = fhir.drive(service.url, 8, seed=1)

    assert [failure for told in tried.values() for failure in told.failures] == []
