"""Une série de kinésithérapie : adressage, fiche lue par le médecin, puis la suite au choix du patient."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import httpx
import pytest

from tests.support.http import World, a_patient, an_offer, expect, refused

SHEET = {"findings": "Cheville stable, œdème léger.", "next": "Kinésithérapeute de son choix."}


def form(world: World, **changes: Any) -> dict[str, Any]:
    answers = {"reason": "trauma", "age_years": 39, "sex": "F", "signs": [], "reviewed": True}
    base = {
        "territory_id": str(world.territory.id),
        "answers": answers,
        "mt": {},
        "patient": a_patient(),
        "sessions": 2,
    }
    return base | changes


def publish(world: World, start: str) -> None:
    body = {
        "kind": "single",
        "practitioner_id": str(world.physio.id),
        "start": start,
        "offer": an_offer(world, audiences=["professionals"]),
    }
    expect(world.caller("administrator").post("/api/v1/slots", json=body), 201)


def book(caller: httpx.Client, result: dict[str, Any]) -> list[dict[str, Any]]:
    best = result["proposals"]["proposals"][0]
    held = expect(caller.post("/api/v1/holds", json={"proposal_id": best["id"]}), 201)
    made = expect(caller.post(f"/api/v1/holds/{held['bundle_id']}/confirm"), 201)
    return list(made["appointments"])


@pytest.fixture
def agenda(world: World) -> None:
    for start in ("2026-11-25T09:00:00+01:00", "2026-11-27T09:00:00+01:00", "2026-11-30T09:00:00+01:00"):
        publish(world, start)


@pytest.mark.usefixtures("agenda")
def test_de_l_adressage_a_la_fiche(world: World) -> None:
    doctor, physio = world.practitioner, world.caller("physio")
    booked = book(doctor, expect(doctor.post("/api/v1/professionals/requests", json=form(world)), 201))
    here = f"/api/v1/series/{booked[0]['request_id']}"

    # Le kiné ajoute une troisième séance ; le médecin suit la série, la coordination ne la voit pas.
    assert len(expect(physio.get(here), 200)["sessions"]) == 2
    (free,) = expect(physio.get(f"{here}/slots"), 200)["slots"]
    expect(physio.post(f"{here}/sessions", json={"slot_id": free["slot_id"]}), 201)
    refused(physio.post(f"{here}/sessions", json={"slot_id": free["slot_id"]}), 409, "series-full")
    brought = expect(doctor.get("/api/v1/series?brought=true"), 200)["items"]
    assert [len(one["sessions"]) for one in brought] == [3]
    refused(world.coordinator.get(here), 403, "forbidden")
    refused(doctor.get(f"{here}/sheet?why=suivi"), 404, "not-found")

    # La fin : la fiche est écrite, terminée, lue par le médecin ; le patient choisit, la série se clôt.
    world.service.at(datetime.fromisoformat("2026-11-30T10:00:00+01:00"))
    expect(physio.put(f"{here}/sheet", json=SHEET | {"finish": True}), 200)
    read = expect(doctor.get(f"{here}/sheet?why=suivi de mon patient"), 200)
    assert read["sections"][0]["text"] == SHEET["findings"]
    pdf = doctor.get(f"{here}/sheet.pdf?why=dossier", headers={"Accept": "*/*"})
    assert pdf.content.startswith(b"%PDF")
    (choice,) = expect(physio.get(f"{here}/choices"), 200)["choices"]
    end = {"end": "handed_over", "chosen_practitioner_id": choice["practitioner_id"]}
    assert expect(physio.post(f"{here}/close", json=end), 200)["closed_as"] == "handed_over"
    refused(physio.post(f"{here}/close", json=end), 409, "series-closed")


@pytest.mark.usefixtures("agenda")
def test_l_acces_direct_s_arrete_a_huit_seances(world: World) -> None:
    physio = world.caller("physio")
    ask = "/api/v1/professionals/requests"

    # La Loire-Atlantique ne participe pas ; la Vendée oui, une fois le kiné déclaré.
    direct = {"diagnosed": False}
    refused(physio.post(ask, json=form(world, terms=direct)), 422, "direct-access-not-allowed")
    territory = f"/api/v1/territories/{world.territory.id}"
    seen = world.coordinator.get(territory)
    body = {name: expect(seen, 200)[name] for name in ("slug", "name", "communes")}
    body |= {"department": "85", "settings": {"direct_access_from": "2025-07-15"}}
    expect(world.coordinator.put(territory, json=body, headers={"If-Match": seen.headers["etag"]}), 200)
    expect(physio.put("/api/v1/series/terms", json={"direct_access_since": "2025-09-01"}), 200)

    had = {"diagnosed": False, "sessions_elsewhere": 7, "first_elsewhere_on": "2026-11-02"}
    problem = refused(physio.post(ask, json=form(world, terms=had)), 422, "direct-access-exhausted")
    assert (problem["limit"], problem["count"]) == (8, 9)
    eighth = expect(physio.post(ask, json=form(world, sessions=1, terms=had)), 201)
    assert eighth["outcome"] == "proposals"
    prescribed = {"diagnosed": True, "diagnosed_on": "2026-11-20"}
    assert expect(physio.post(ask, json=form(world, terms=prescribed)), 201)["outcome"] == "proposals"
