"""Indicators through the JSON API: definitions with versions, figures of any period, the yearly report."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from snp.platform.actors import Role
from tests.support.http import NOW, World, a_patient, book, expect, publish, refused, seeking_request

DEFINITION: dict[str, Any] = {
    "name": "Créneaux perdus des généralistes",
    "population": "slot",
    "statistic": "share",
    "condition": "lost",
    "filters": {"profession": ["medecin_generaliste"]},
    "period": "month",
    "target": {"sense": "at_most", "value": 10},
    "contract_ref": "Annexe 2, indicateur 4",
}


def path(world: World, rest: str = "") -> str:
    return f"/api/v1/territories/{world.territory.id}/indicators{rest}"


def test_a_territory_starts_with_the_ready_set(world: World) -> None:
    listed = expect(world.coordinator.get(path(world)), 200)
    codes = [one["code"] for one in listed]
    assert codes[:2] == ["creneaux-publies", "creneaux-pris"]
    assert len(codes) == 24
    assert {one["version"] for one in listed} == {0}
    assert all(one["ready"] and not one["retired"] for one in listed)


def test_an_indicator_is_created_changed_retired_and_its_history_kept(world: World) -> None:
    by = world.coordinator
    made = by.post(path(world), json={"code": "perdus-mg", **DEFINITION})
    assert expect(made, 201)["definition"]["filters"] == {"profession": ["medecin_generaliste"]}
    assert made.headers["etag"] == '"1"'
    refused(by.post(path(world), json={"code": "perdus-mg", **DEFINITION}), 409, "indicator-code-taken")
    refused(by.post(path(world), json={"code": "taux-de-prise", **DEFINITION}), 409, "indicator-code-taken")

    there = path(world, "/perdus-mg")
    refused(by.put(there, json=DEFINITION), 428, "precondition-required")
    changed = by.put(there, json=DEFINITION | {"name": "Perdus"}, headers={"If-Match": '"1"'})
    assert expect(changed, 200)["definition"]["name"] == "Perdus"
    refused(by.put(there, json=DEFINITION, headers={"If-Match": '"1"'}), 412, "version-mismatch")

    assert expect(by.post(f"{there}/retire"), 200)["retired"]
    assert "perdus-mg" not in [one["code"] for one in expect(by.get(path(world)), 200)]
    assert "perdus-mg" in [one["code"] for one in expect(by.get(path(world, "?retired=true")), 200)]
    assert not expect(by.post(f"{there}/restore"), 200)["retired"]
    edits = expect(by.get(f"{there}/history"), 200)
    assert [(edit["version"], edit["retired"]) for edit in edits] == [
        (4, False),
        (3, True),
        (2, False),
        (1, False),
    ]
    assert edits[-1]["definition"]["name"] == DEFINITION["name"]


def test_one_of_the_ready_set_takes_a_target_and_keeps_what_it_was(world: World) -> None:
    by, there = world.coordinator, path(world, "/servis-48h")
    ready = expect(by.get(there), 200)["definition"]
    target = {"sense": "at_least", "value": 80}
    changed = expect(by.put(there, json=ready | {"target": target}, headers={"If-Match": "*"}), 200)
    assert (changed["version"], changed["ready"]) == (1, True)
    assert len(expect(by.get(path(world)), 200)) == 24


def test_what_is_in_no_closed_list_is_refused(world: World) -> None:
    by = world.coordinator
    for change in (
        {"split": "practitioner"},
        {"filters": {"practitioner": ["x"]}},
        {"filters": {"profession": ["magicien"]}},
        {"statistic": "SELECT 1"},
        {"sql": "SELECT 1"},
        {"condition": "no_show"},
        {"target": {"sense": "at_most", "value": 101}},
        {"name": "x" * 201},
    ):
        answer = by.post(path(world), json={"code": "essai", **DEFINITION, **change})
        assert answer.status_code == 422, (change, answer.text)


def test_figures_count_what_the_services_did(world: World) -> None:
    for number in range(6):
        publish(world, NOW + timedelta(hours=2, minutes=20 * number))
    for letter in "abcde":
        book(world, seeking_request(world, patient=a_patient(given_name=f"Patient{letter}"))["id"])
    world.service.at(NOW + timedelta(hours=8))
    told = expect(world.coordinator.get(path(world, "/figures?unit=month&grain=week&split=profession")), 200)
    figures = {one["code"]: one for one in told["figures"]}
    assert figures["creneaux-publies"]["whole"]["value"] == 6
    assert figures["creneaux-publies"]["parts"][0]["key"] == "medecin_generaliste"
    assert figures["decisions"]["whole"]["value"] == 5
    lost = figures["creneaux-perdus"]["whole"]
    assert (lost["masked"], lost["value"], lost["base"]) == (True, None, None), "one slot is a small number"
    assert figures["creneaux-pris"]["whole"]["masked"], "six less five would tell it"
    assert figures["servis-24h"]["whole"]["value"] == 100
    assert [one["first"] for one in figures["creneaux-publies"]["series"]][-1] == "2026-11-23"
    assert figures["creneaux-publies"]["beside"][0]["first"] == "2026-10-01"


def test_figures_may_be_compared_with_any_two_periods(world: World) -> None:
    query = "/figures?unit=quarter&on=2026-05-02&beside=2025-01-01&beside=2024-12-31&code=decisions"
    (figure,) = expect(world.coordinator.get(path(world, query)), 200)["figures"]
    assert figure["whole"]["first"] == "2026-04-01"
    assert [one["first"] for one in figure["beside"]] == ["2025-01-01", "2024-10-01"]
    far = path(world, "/figures?beside=2001-01-01")
    refused(world.coordinator.get(far), 422, "invalid-value")
    refused(world.coordinator.get(path(world, "/figures?unit=month&grain=year")), 422, "invalid-value")
    refused(world.coordinator.get(path(world, "/figures?code=inconnu")), 404, "not-found")


def test_the_report_of_a_year_holds_every_indicator(world: World) -> None:
    told = expect(world.coordinator.get(path(world, "/report?year=2026")), 200)
    assert (told["year"], told["until"], len(told["figures"])) == (2026, "2026-11-24", 24)
    refused(world.coordinator.get(path(world, "/report?year=2027")), 422, "invalid-value")


def test_the_figures_of_a_territory_are_its_own(world: World) -> None:
    neighbour = world.service.caller(world.service.key(Role.COORDINATOR, territory_ids=(world.neighbour.id,)))
    for rest in ("", "/figures", "/report", "/decisions", "/decisions/history"):
        refused(neighbour.get(path(world, rest)), 404, "not-found")
    refused(neighbour.post(path(world, "/decisions/retire")), 404, "not-found")
    refused(neighbour.post(path(world), json={"code": "essai", **DEFINITION}), 404, "not-found")
    own = f"/api/v1/territories/{world.neighbour.id}/indicators/figures?code=decisions"
    assert expect(neighbour.get(own), 200)["figures"][0]["whole"]["value"] == 0
    for stranger in (world.osnp, world.practitioner, world.caller("pharmacy")):
        refused(stranger.get(path(world, "/figures")), 403, "forbidden")
    reader = world.service.caller(
        world.service.key(Role.COORDINATOR, territory_ids=(world.territory.id,), scopes=("indicators:read",))
    )
    expect(reader.get(path(world, "/figures?code=decisions")), 200)
    refused(reader.post(path(world, "/decisions/retire")), 403, "scope-missing")
