"""L’agenda des kinésithérapeutes : médecins et kinés seulement, de une à trois séances."""

from __future__ import annotations

from typing import Any

from tests.support.http import World, a_patient, expect, publish, refused

REASON = "post_operative"


def _answers() -> dict[str, Any]:
    return {"reason": REASON, "age_years": 39, "sex": "F", "signs": [], "reviewed": True}


def test_une_pharmacie_n_a_pas_acces_aux_kines(world: World) -> None:
    desk = world.caller("pharmacy")
    publish(world, "2026-11-25T09:00:00+01:00", practitioner=world.physio.id, audiences=["professionals"])
    question = {"territory_id": str(world.territory.id), "answers": _answers()}

    listed = expect(desk.get("/api/v1/desk/reasons"), 200)["lists"]
    assert REASON not in {reason["code"] for each in listed for reason in each["reasons"]}
    refused(desk.post("/api/v1/desk/eligibility", json=question), 403, "desk-not-allowed")
    refused(desk.post("/api/v1/professionals/eligibility", json=question), 403, "forbidden")
    refused(desk.get("/api/v1/professionals/reasons"), 403, "forbidden")


def test_un_medecin_adresse_son_patient_pour_deux_seances(world: World) -> None:
    doctor, physio = world.practitioner, world.caller("physio")
    for start in ("2026-11-25T09:00:00+01:00", "2026-11-25T09:40:00+01:00", "2026-11-27T09:00:00+01:00"):
        publish(world, start, practitioner=world.physio.id, audiences=["professionals"])

    listed = expect(doctor.get("/api/v1/professionals/reasons"), 200)["lists"]
    assert REASON in {reason["code"] for each in listed for reason in each["reasons"]}

    form = {
        "territory_id": str(world.territory.id),
        "answers": _answers(),
        "mt": {"has_mt": False},
        "patient": a_patient(),
        "sessions": 2,
    }
    result = expect(doctor.post("/api/v1/professionals/requests", json=form), 201)
    assert result["outcome"] == "proposals"
    best = result["proposals"]["proposals"][0]
    assert len(best["slots"]) == 2
    days = [slot["start"][:10] for slot in best["slots"]]
    assert days == ["2026-11-25", "2026-11-27"]

    held = expect(doctor.post("/api/v1/holds", json={"proposal_id": best["id"]}), 201)
    booked = expect(doctor.post(f"/api/v1/holds/{held['bundle_id']}/confirm"), 201)["appointments"]
    assert [appointment["session_no"] for appointment in booked] == [1, 2]

    # Le kiné voit ses deux séances, et qui vient ; le médecin suit la demande qu’il a apportée.
    assert len(expect(physio.get("/api/v1/appointments"), 200)["items"]) == 2
    who = physio.get(f"/api/v1/appointments/{booked[0]['id']}/patient?why=préparer la séance")
    assert expect(who, 200)["given_name"].casefold() == "maëlle"
    mine = expect(doctor.get("/api/v1/requests"), 200)["items"]
    assert [request["state"] for request in mine] == ["booked"]


def test_un_creneau_de_kine_n_est_jamais_propose_a_la_pharmacie(world: World) -> None:
    publish(world, "2026-11-25T09:00:00+01:00", practitioner=world.physio.id)
    preview = {
        "territory_id": str(world.territory.id),
        "answers": {"reason": "skin", "age_years": 39, "sex": "F", "reviewed": True},
        "insee": "44131",
    }

    found = expect(world.caller("pharmacy").post("/api/v1/desk/preview", json=preview), 200)

    assert found["proposals"] == []
