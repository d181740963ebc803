"""Compensation over HTTP: a practitioner's own, a coordinator's totals, files that read back."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

import pytest
from pypdf import PdfReader

from api.jobs.statements import compute_statements
from tests.support.agenda import local
from tests.support.compensation import UNKNOWN_MT, a_free_slot, a_lived_act, compute, terms_for_physio
from tests.support.http import World, expect, refused

NOW = local("2026-12-20 12:00")
TERMS = {
    "kind": "unused_slot",
    "profession": "masseur_kinesitherapeute",
    "valid_from": "2026-12-01",
    "rate_cents": 2000,
    "cap_week": 2,
    "min_notice_hours": 48,
}


@pytest.fixture
def lived(world: World) -> World:
    """Two acts of the doctor, one waiting for his word; a slot of the physiotherapist that stayed free."""
    here: dict[str, Any] = {"territory": world.territory.id, "site": world.site.id}
    with world.service.session() as session:
        keys = world.service.wiring.keys
        terms_for_physio(session, world.territory.id, now=local("2026-12-01 08:00"))
        for day, mt in (("09", {}), ("10", {"mt": UNKNOWN_MT})):
            start = local(f"2026-12-{day} 10:00")
            a_lived_act(session, keys, practitioner=world.gp.id, start=start, **here, **mt)
        free, before = local("2026-12-11 14:00"), timedelta(days=4)
        a_free_slot(session, practitioner=world.physio.id, start=free, now=free - before, **here)
        world.service.at(NOW)
        compute(session, world.territory.id, now=NOW)
    return world


def mine(world: World, role: str = "practitioner") -> dict[str, Any]:
    practitioner = world.gp.id if role == "practitioner" else world.physio.id
    found = expect(world.caller(role).get(f"/api/v1/practitioners/{practitioner}/statements"), 200)
    statement: dict[str, Any] = found["statements"][0]
    return statement


def test_a_practitioner_reads_his_own_down_to_the_events(lived: World) -> None:
    statement = mine(lived)
    assert (statement["month"], statement["cpam_cents"], statement["cpts_cents"]) == ("2026-12-01", 1500, 0)
    detail = expect(lived.practitioner.get(f"/api/v1/statements/{statement['id']}"), 200)
    assert [line["status"] for line in detail["lines"]] == ["holds", "to_confirm"]
    assert sum(line["amount_cents"] for line in detail["lines"]) == statement["cpam_cents"]
    line = detail["lines"][0]
    told = expect(lived.practitioner.get(f"/api/v1/statement-lines/{line['id']}"), 200)
    assert [event["code"] for event in told["events"]] == ["decide", "booked", "honoured"]
    acts = expect(lived.practitioner.get(f"/api/v1/practitioners/{lived.gp.id}/acts?month=2026-12-15"), 200)[
        "acts"
    ]
    assert [act["decided_role"] for act in acts] == ["regulateur", "regulateur"]
    assert all(act["request_number"] and act["decided_at"] for act in acts)


def test_the_word_of_the_practitioner_changes_the_draft_at_once(lived: World) -> None:
    statement = mine(lived)
    lines = expect(lived.practitioner.get(f"/api/v1/statements/{statement['id']}"), 200)["lines"]
    waiting = lines[1]["event_id"]
    said = {"is_mt": False, "codes": ["G"]}
    expect(lived.practitioner.put(f"/api/v1/appointments/{waiting}/billing", json=said), 200)
    assert mine(lived)["cpam_cents"] == 3000
    said = {"is_mt": False, "codes": ["MCG"]}
    expect(lived.practitioner.put(f"/api/v1/appointments/{waiting}/billing", json=said), 200)
    assert mine(lived)["cpam_cents"] == 1500
    wrong = lived.practitioner.put(f"/api/v1/appointments/{waiting}/billing", json={"codes": ["a-b"]})
    refused(wrong, 422, "invalid-value")


def test_files_read_back_and_name_no_patient(lived: World) -> None:
    statement, caller = mine(lived, "physio"), lived.physio
    csv = lived.caller("physio").get(
        f"/api/v1/statements/{statement['id']}/csv", headers={"Accept": "text/csv"}
    )
    assert csv.headers["content-type"] == "text/csv; charset=utf-8"
    assert "Disponibilité non utilisée" in csv.content.decode("utf-8-sig")
    assert ";20,50;2050;CPTS;" in csv.text
    pdf = lived.caller("physio").get(f"/api/v1/statements/{statement['id']}/pdf").content
    text = PdfReader(io.BytesIO(pdf)).pages[0].extract_text().replace("\u00a0", " ")
    assert "Relevé de décembre 2026" in text
    assert "20,50 €" in text
    assert caller.rpps in text
    own = lived.practitioner.get(f"/api/v1/practitioners/{lived.gp.id}/proofs/csv?month=2026-12-01")
    shared = lived.coordinator.get(
        f"/api/v1/territories/{lived.territory.id}/compensation/proofs/csv?month=2026-12-01"
    )
    assert lived.gp.rpps in own.text
    assert lived.gp.rpps not in shared.text
    for content in (csv.text, own.text, shared.text, text):
        assert not re.search(r"Patient [a-z]", content)
        assert "1980" not in content
    assert shared.text.count("médecin régulateur") >= 2


def test_nobody_else_reads_a_statement(lived: World) -> None:
    statement = mine(lived)
    path = f"/api/v1/statements/{statement['id']}"
    for role in ("physio", "neighbour_practitioner"):
        refused(lived.caller(role).get(path), 404, "not-found")
        refused(lived.caller(role).get(f"{path}/pdf"), 404, "not-found")
    for role in ("coordinator", "delegate", "administrator", "regulateur"):
        refused(lived.caller(role).get(path), 403, "forbidden")
    month = f"/api/v1/territories/{lived.territory.id}/compensation/month?month=2026-12-01"
    refused(lived.neighbour_coordinator.get(month), 404, "not-found")
    refused(lived.practitioner.get(month), 403, "forbidden")


def test_a_coordinator_sees_totals_by_name_and_lines_without_any(lived: World) -> None:
    base = f"/api/v1/territories/{lived.territory.id}/compensation"
    month = expect(lived.coordinator.get(f"{base}/month?month=2026-12-01"), 200)
    names = [one["name"].split()[-1].casefold() for one in month["totals"]]
    assert names == sorted(names)
    assert {one["cpts_cents"] for one in month["totals"]} == {0, 2050}
    assert "cpam_cents" not in month["totals"][0]
    assert month["by_kind"] == {"majoration": 1500, "unused_slot": 2050, "coordination": 0}
    first = expect(lived.coordinator.get(f"{base}/lines?month=2026-12-01&limit=2"), 200)
    rest = expect(lived.coordinator.get(f"{base}/lines?month=2026-12-01&limit=2&cursor={first['next']}"), 200)
    lines = [*first["items"], *rest["items"]]
    assert (len(lines), rest["next"]) == (3, None)
    assert all("practitioner" not in key for line in lines for key in line)
    line = next(one for one in lines if one["kind"] == "unused_slot")
    told = expect(lived.coordinator.get(f"{base}/lines/{line['id']}"), 200)
    assert [(one["code"], one["author"]) for one in told["events"]] == [("published", "")]
    refused(lived.neighbour_coordinator.get(f"{base}/lines/{line['id']}"), 404, "not-found")


def test_terms_and_budget_are_the_coordinator_s(lived: World) -> None:
    base = f"/api/v1/territories/{lived.territory.id}/compensation"
    expect(lived.coordinator.post(f"{base}/terms", json=TERMS), 201)
    terms = expect(lived.coordinator.get(f"{base}/terms"), 200)["terms"]
    assert [one["rate_cents"] for one in terms] == [2000, 2050]
    refused(lived.coordinator.post(f"{base}/terms", json=TERMS | {"profession": None}), 422, "invalid-value")
    refused(lived.neighbour_coordinator.post(f"{base}/terms", json=TERMS), 404, "not-found")
    envelope = {"envelope_cents": 500_000, "close_after_days": 5}
    expect(lived.coordinator.put(f"{base}/years/2026", json=envelope), 200)
    budget = expect(lived.coordinator.get(f"{base}/years/2026"), 200)
    assert (budget["envelope_cents"], budget["committed_cents"], budget["spent_cents"]) == (500_000, 2050, 0)
    assert (budget["aci_fixed_cents"], budget["months"][11]["cpam_cents"]) == (5_500_000, 1500)
    assert budget["expected_cents"] == budget["committed_cents"] + budget["forecast_cents"]
    assert budget["left_cents"] == 500_000 - budget["expected_cents"]


def test_a_month_is_closed_by_hand_once_over_or_by_the_job_in_time(lived: World) -> None:
    close = f"/api/v1/statements/{mine(lived)['id']}/close"
    refused(lived.coordinator.post(close), 409, "month-not-over")
    lived.service.at(local("2027-01-02 09:00"))
    assert expect(lived.coordinator.post(close), 200)["closed_at"]
    assert mine(lived, "physio")["closed_at"] is None
    for day, closed in (("2027-01-10", False), ("2027-01-11", True)):
        lived.service.at(local(f"{day} 00:30"))
        compute_statements(lived.service.wiring)
        assert (mine(lived, "physio")["closed_at"] is not None) is closed


def test_coordination_time_is_declared_and_taken_back(lived: World) -> None:
    hourly = TERMS | {"kind": "coordination", "profession": None, "rate_cents": 6000}
    expect(
        lived.coordinator.post(f"/api/v1/territories/{lived.territory.id}/compensation/terms", json=hourly),
        201,
    )
    body = {
        "territory_id": str(lived.territory.id),
        "day": "2026-12-18",
        "minutes": 90,
        "activity": "meeting",
    }
    path = f"/api/v1/practitioners/{lived.gp.id}/coordination-times"
    made = expect(lived.practitioner.post(path, json=body), 201)
    assert mine(lived)["cpts_cents"] == 9000
    refused(lived.caller("physio").delete(f"/api/v1/coordination-times/{made['id']}"), 404, "not-found")
    expect(lived.practitioner.delete(f"/api/v1/coordination-times/{made['id']}"), 200)
    assert mine(lived)["cpts_cents"] == 0
    refused(lived.practitioner.post(path, json=body | {"day": "2027-06-01"}), 422, "invalid-value")
