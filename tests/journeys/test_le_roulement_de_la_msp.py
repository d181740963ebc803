"""Le roulement de la MSP : bâti, en vigueur, échangé, réparé quand un médecin tombe malade."""

from __future__ import annotations

from typing import Any

import pytest

from api.jobs.rotas import keep_rotas, solve_rotas
from tests.support.directory import a_practitioner
from tests.support.http import Service, World, expect, refused

pytestmark = pytest.mark.database

MORNINGS = [
    {"weekday": day, "half": "morning", "starts_at": "09:00", "ends_at": "11:00", "patients": 2}
    for day in range(5)
]


def test_le_roulement_de_la_msp(service: Service, world: World) -> None:
    coordinator, doctor = world.coordinator, world.practitioner
    with service.session() as session:
        others = [
            str(
                a_practitioner(
                    session, site_ids=(world.site.id,), member_of=(world.territory.id,), family_name=name
                ).id
            )
            for name in ("Abgrall", "Bizien")
        ]
    me = str(world.gp.id)

    # La coordinatrice crée le roulement et y inscrit trois médecins.
    site = str(world.site.id)
    made = expect(
        coordinator.post(
            "/api/v1/rotas",
            json={
                "territory_id": str(world.territory.id),
                "name": "MSP",
                "openings": [{"site_id": site, **each} for each in MORNINGS],
                "places": [{"site_id": site}],
                "repairs_alone": True,
            },
        ),
        201,
    )
    rota = f"/api/v1/rotas/{made['id']}"
    for who, share in ((me, 100), (others[0], 80), (others[1], 60)):
        assert coordinator.put(f"{rota}/members/{who}", json={"share": share}).status_code == 204
    wishes = {"wishes": [{"weekday": 2, "half": "morning", "kind": "never"}]}
    assert doctor.put(f"{rota}/wishes", json=wishes).status_code == 204

    # Elle demande quatre semaines ; le calcul se fait en arrière-plan, la preuve est faite.
    first = {"first_day": "2026-11-30", "weeks": 4}
    plan = expect(coordinator.post(f"{rota}/plans", json=first), 201)
    refused(coordinator.post(f"{rota}/plans", json=first), 409, "rota-plan-in-progress")
    assert solve_rotas(service.wiring) == 1
    solved = expect(coordinator.get(f"{rota}/plans/{plan['id']}"), 200)
    assert solved["status"] == "optimal"
    expect(coordinator.post(f"{rota}/plans/{plan['id']}/confirm"), 200)
    mine = turns(doctor, rota, me)
    assert len(mine) == 8  # 19 matins, pour 100 sur 240
    assert all(shift["day"] not in {"2026-12-02", "2026-12-09"} for shift, _ in mine)

    # Un créneau de ma première garde est publié à mon nom ; un collègue reprend ma dernière.
    slots = expect(doctor.get(f"/api/v1/slots?practitioner_id={me}"), 200)["items"]
    assert {slot["start"][:10] for slot in slots} >= {mine[0][0]["day"]}
    why = expect(doctor.get(f"/api/v1/rota-turns/{mine[-1][1]['id']}/why"), 200)
    taker = next((each["practitioner_id"] for each in why["alternatives"] if not each["broken"]), others[0])
    proposal = {"turn_id": mine[-1][1]["id"], "to_id": taker}
    swap = expect(doctor.post("/api/v1/rota-swaps", json=proposal), 201)
    refused(doctor.post(f"/api/v1/rota-swaps/{swap['id']}/accept"), 404, "not-found")
    expect(doctor.post(f"/api/v1/rota-swaps/{swap['id']}/withdraw"), 200)

    # Il tombe malade : le roulement se répare seul, avec le moins de changements.
    away = {
        "practitioner_id": me,
        "start": service.clock.now().isoformat(),
        "end": "2026-12-12T00:00:00+01:00",
    }
    expect(doctor.post("/api/v1/absences", json=away), 201)
    keep_rotas(service.wiring)
    assert solve_rotas(service.wiring) == 1
    left = turns(doctor, rota, me)
    assert left == [(shift, turn) for shift, turn in mine if shift["day"] > "2026-12-11"]


def turns(caller: Any, rota: str, who: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Les gardes d'un médecin, dans l'ordre."""
    period = {"start": "2026-11-30T00:00:00+01:00", "end": "2026-12-28T00:00:00+01:00"}
    found = expect(caller.get(f"{rota}/shifts", params=period), 200)
    return [
        ({"day": shift["day"], "id": shift["id"]}, {"id": turn["id"]})
        for shift in found
        for turn in shift["turns"]
        if turn["practitioner_id"] == who
    ]
