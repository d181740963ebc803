"""The live policy through the real server: prices, advice, promises, the waiting list, fairness."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from typing import Any

from api.jobs import live_work
from tests.support.http import NOW, World, a_patient, expect, publish, refused, seeking_request

SLOT = NOW + timedelta(hours=6)
P3 = {"priority": "P3", "response_level": "R3"}

IN_A_PROCESS_OF_ITS_OWN = """
import sys
from uuid import UUID
import sqlalchemy as sa
from api.main import create_app
from regulation.orientation import service as orientation
from snp.assignment.policy.futures import Futures
from snp.assignment.policy.scenario import Scenario
from snp.platform.actors import Actor, Role
from snp.platform.db import create_engine, create_session_factory
from tests.support.database import test_settings
from tests.support.http import NOW

url, territory, request = sys.argv[1:]
created = []
Scenario.__init__ = lambda *a, **k: created.append(1)
sessions = create_session_factory(create_engine(sa.make_url(url), test_settings()))
by = Actor("account:test", Role.OSNP, territories=frozenset({UUID(territory)}))
with sessions.begin() as session:
    found = orientation.propose(session, UUID(request), by=by, now=NOW)
assert found.advice.basis == "prices", found.advice
assert not created, "futures were sampled while the caller waited"
assert not [name for name in sys.modules if name.startswith("ortools")], "a solver was loaded"
print("answered", len(found.proposals))
"""


def settings_of(world: World, **given: Any) -> None:
    path = f"/api/v1/territories/{world.territory.id}"
    admin = world.caller("administrator")
    found = admin.get(path)
    current = expect(found, 200)
    names = ("slug", "name", "department", "communes", "finess", "size_class")
    body = {name: current[name] for name in names} | {"settings": given}
    expect(admin.put(path, json=body, headers={"If-Match": found.headers["etag"]}), 200)


def proposals(world: World, request: dict[str, Any], **terms: Any) -> dict[str, Any]:
    path = f"/api/v1/requests/{request['id']}/proposals"
    found: dict[str, Any] = expect(world.osnp.post(path, json={"k": 5} | terms), 200)
    return found


def test_the_job_prices_the_slots_and_the_regulation_reads_them(world: World) -> None:
    slot = publish(world, SLOT)
    path = f"/api/v1/territories/{world.territory.id}/prices"
    assert expect(world.osnp.get(path), 200) == {"families": []}

    assert live_work.refresh_prices(world.service.wiring) == 1
    assert live_work.refresh_prices(world.service.wiring) == 0, "nothing changed since"

    (family,) = expect(world.coordinator.get(path), 200)["families"]
    assert family["family"] == "medecin_generaliste"
    assert [line["slot_id"] for line in family["slots"]] == [slot["id"]]
    assert family["scenarios"] > 0
    refused(world.neighbour_osnp.get(path), 404, "not-found")


def test_an_answer_reads_its_prices_and_never_computes_them(world: World) -> None:
    publish(world, SLOT)
    request = seeking_request(world)
    live_work.refresh_prices(world.service.wiring)
    url = world.service.wiring.engine.url.render_as_string(hide_password=False)
    command = [
        *(sys.executable, "-c", IN_A_PROCESS_OF_ITS_OWN),
        *(url, str(world.territory.id), request["id"]),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert "answered 1" in done.stdout


def test_proposals_come_with_what_to_say(world: World) -> None:
    request = seeking_request(world)
    waiting = proposals(world, request)["advice"]
    assert (waiting["outcome"], waiting["place"]) == ("waiting", 1)
    assert any("rappeler le 15" in line["sentence"] for line in waiting["sentences"])

    publish(world, SLOT)
    offered = proposals(world, request)["advice"]
    assert (offered["outcome"], offered["basis"]) == ("offered", "first_come")
    live_work.refresh_prices(world.service.wiring)
    assert proposals(world, request)["advice"]["basis"] == "prices"


def test_the_explanation_tells_each_decision_with_prices_and_alternatives(world: World) -> None:
    request = seeking_request(world)
    proposals(world, request)
    slot = publish(world, SLOT)
    live_work.refresh_prices(world.service.wiring)
    proposals(world, request, anyway=True)

    told = expect(world.osnp.get(f"/api/v1/requests/{request['id']}/explanation"), 200)

    assert [line["outcome"] for line in told["decisions"]] == ["offered", "waiting"]
    newest = told["decisions"][0]
    assert newest["anyway"] is True
    assert [line["slot_id"] for line in newest["alternatives"]] == [slot["id"]]
    assert newest["alternatives"][0]["price"] is not None
    assert all(sentence.endswith(".") for line in told["decisions"] for sentence in line["sentences"])
    assert told["place"] == 1
    refused(world.neighbour_osnp.get(f"/api/v1/requests/{request['id']}/explanation"), 404, "not-found")


def test_only_the_regulation_overrides(world: World) -> None:
    request = seeking_request(world)
    path = f"/api/v1/requests/{request['id']}/proposals"
    refused(world.caller("pharmacy").post(path, json={"anyway": True}), 403, "forbidden")


def test_a_promise_is_made_once_and_protects_its_slot(world: World) -> None:
    settings_of(world, mode="promise", notice_minutes=60)
    slot = publish(world, SLOT)
    first, second = seeking_request(world), seeking_request(world, patient=a_patient(given_name="Zoé"))
    assert proposals(world, first)["advice"]["outcome"] == "promise_offered"

    path = f"/api/v1/requests/{first['id']}/promise"
    made = expect(world.osnp.post(path), 201)
    assert made["sentence"].startswith("Vous serez vu avant jeudi 26")
    assert made["certificate"] == {first["id"]: slot["id"]}
    refused(world.osnp.post(path), 409, "already-promised")
    refused(world.osnp.post(f"/api/v1/requests/{second['id']}/promise"), 422, "no-promise")
    wanted = {"request_id": second["id"], "slot_ids": [slot["id"]]}
    refused(world.osnp.post("/api/v1/holds", json=wanted), 409, "slot-kept-for-promise")

    told = expect(world.coordinator.get(f"/api/v1/territories/{world.territory.id}/promises"), 200)
    assert (told["open"], told["broken"]) == (1, 0)
    assert [line["at_risk"] for line in told["promises"]] == [False]
    refused(world.neighbour_osnp.post(path), 404, "not-found")


def test_the_waiting_list_is_in_order_paged_and_without_identity(world: World) -> None:
    low = seeking_request(world, urgency=P3)
    high = seeking_request(world, patient=a_patient(given_name="Zoé"))
    path = f"/api/v1/territories/{world.territory.id}/waiting-list"

    page = expect(world.osnp.get(f"{path}?limit=1"), 200)
    rest = expect(world.osnp.get(f"{path}?cursor={page['next']}"), 200)

    assert [line["request_id"] for line in [*page["items"], *rest["items"]]] == [high["id"], low["id"]]
    assert rest["next"] is None
    assert "Guérin" not in str(page)
    refused(world.osnp.get(f"{path}?cursor=abcd"), 422, "invalid-value")


def test_the_jobs_serve_who_waits_and_name_who_was_promised(world: World) -> None:
    settings_of(world, mode="promise", notice_minutes=60)
    publish(world, SLOT)
    promised = seeking_request(world)
    expect(world.osnp.post(f"/api/v1/requests/{promised['id']}/promise"), 201)
    waiting = seeking_request(world, patient=a_patient(given_name="Zoé"))
    assert proposals(world, waiting)["advice"]["outcome"] == "waiting"
    assert live_work.serve_waiting(world.service.wiring) == 0

    publish(world, SLOT + timedelta(hours=1))
    assert live_work.serve_waiting(world.service.wiring) == 1
    assert live_work.keep_promises(world.service.wiring) == 0
    named = 0
    for start in (SLOT, SLOT + timedelta(hours=1)):
        world.service.at(start - timedelta(minutes=61))
        named += live_work.keep_promises(world.service.wiring)
    assert named == 1

    for request in (promised, waiting):
        assert expect(world.osnp.get(f"/api/v1/requests/{request['id']}"), 200)["state"] == "booked"


def test_fairness_is_for_the_coordinator(world: World) -> None:
    seeking_request(world, urgency=P3)
    path = f"/api/v1/territories/{world.territory.id}/fairness"
    told = expect(world.coordinator.get(f"{path}?days=7"), 200)
    assert [line["key"] for line in told["by_priority"]] == ["P3"]
    assert [line["key"] for line in told["by_commune"]] == ["44131"]
    refused(world.osnp.get(path), 403, "forbidden")
    refused(world.caller("neighbour_coordinator").get(path), 404, "not-found")


def test_settings_of_the_engine_are_checked_and_kept_in_the_history(world: World) -> None:
    settings_of(world, mode="promise", quiet_hours=["22:00", "06:30"], p3_waiting_percent=10)
    path = f"/api/v1/territories/{world.territory.id}"
    found = world.caller("administrator").get(path)
    shown = expect(found, 200)["settings"]
    assert (shown["mode"], shown["quiet_hours"], shown["p3_waiting_percent"]) == (
        "promise",
        ["22:00", "06:30"],
        10,
    )
    history = expect(world.caller("administrator").get(f"{path}/history"), 200)
    assert history[0]["content"]["settings"]["mode"] == "promise"
    current = expect(found, 200)
    body = {n: current[n] for n in ("slug", "name", "department", "communes", "finess", "size_class")}
    wrong = body | {"settings": {"policy": "exact"}}
    version = {"If-Match": found.headers["etag"]}
    problem = refused(
        world.caller("administrator").put(path, json=wrong, headers=version), 422, "invalid-value"
    )
    assert problem["field"] == "mode"
