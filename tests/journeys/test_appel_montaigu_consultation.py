"""Terres de Montaigu, 116 117 : sans médecin traitant, une consultation SNP, un créneau sous 48 h."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.support.http import NOW, World, a_patient, expect


def test_un_appel_obtient_un_creneau_sous_quarante_huit_heures(world: World) -> None:
    arm, osnp, regulateur, doctor = (
        world.caller(f"neighbour_{role}") for role in ("arm", "osnp", "regulateur", "practitioner")
    )

    # Un médecin volontaire publie : demain matin deux patients, et un dans quatre jours, trop tard.
    for start, end, patients in (
        ("2026-11-25T09:00:00+01:00", "2026-11-25T09:40:00+01:00", 2),
        ("2026-11-28T09:00:00+01:00", "2026-11-28T09:20:00+01:00", 1),
    ):
        body = {
            "kind": "range",
            "practitioner_id": str(world.neighbour_gp.id),
            "start": start,
            "end": end,
            "patients": patients,
            "offer": {
                "site_id": str(world.neighbour_site.id),
                "territory_ids": [str(world.neighbour.id)],
                "audiences": ["regulation"],
            },
        }
        expect(doctor.post("/api/v1/slots", json=body), 201)

    # L’appel : pas de médecin traitant, l’opérateur dit 24 h, le régulateur décide la consultation.
    opening = {
        "territory_id": str(world.neighbour.id),
        "patient": a_patient(insee="85146"),
        "reason": "lombalgie",
    }
    request_id = expect(arm.post("/api/v1/requests", json=opening), 201)["request"]["id"]
    path = f"/api/v1/requests/{request_id}"
    expect(arm.post(f"{path}/mt-check", json={"answers": {"has_mt": False}}), 200)
    expect(osnp.post(f"{path}/estimate", json={"delay_h": 24}), 200)
    decision = {
        "disposition": "snp_consultation",
        "delay_h": 48,
        "urgency": {"priority": "P2", "response_level": "R3"},
    }
    step = expect(regulateur.post(f"{path}/decision", json=decision), 200)
    assert step["request"]["state"] == "seeking"
    assert _instant(step["request"]["deadline"]) == NOW + timedelta(hours=48)

    # Les propositions sont lues pendant que l’appelant attend, avec leurs raisons, et pourquoi pas d’autres.
    found = expect(osnp.post(f"{path}/proposals", json={"k": 5}), 200)
    assert [len(p["slots"]) for p in found["proposals"]] == [1, 1]
    best = found["proposals"][0]
    assert best["why"]
    assert _instant(best["slots"][0]["start"]) == _instant("2026-11-25T09:00:00+01:00")
    assert any("après la fin du délai" in reason["sentence"] for reason in found["why_not"])

    # Retenu, confirmé ; le patient reçoit son code.
    held = expect(osnp.post("/api/v1/holds", json={"proposal_id": best["id"]}), 201)
    assert _instant(held["expires_at"]) == NOW + timedelta(minutes=5)
    booked = expect(osnp.post(f"/api/v1/holds/{held['bundle_id']}/confirm"), 201)["appointments"][0]
    assert _instant(booked["start"]) - NOW <= timedelta(hours=48)

    # Le médecin voit qui vient ; la lecture est tracée.
    agenda = expect(doctor.get("/api/v1/appointments"), 200)["items"]
    assert [appointment["id"] for appointment in agenda] == [booked["id"]]
    who = expect(doctor.get(f"/api/v1/appointments/{booked['id']}/patient?why=préparer la consultation"), 200)
    assert who["given_name"].casefold() == "maëlle"

    # Le lendemain le patient est venu : le dossier est clos.
    world.service.at(_instant("2026-11-25T09:15:00+01:00"))
    expect(doctor.post(f"/api/v1/appointments/{booked['id']}/honour"), 200)
    assert expect(osnp.get(path), 200)["state"] == "closed"


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
