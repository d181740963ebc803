"""À deux heures du matin, un régulateur ouvre le dossier d’un voisin : une heure, et tous le savent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import sqlalchemy as sa

from api.jobs import work
from api.jobs.letters import writer_of
from regulation.messages.facts import Letter
from snp.notifications import service as outbox
from tests.support.http import NOW, World, expect, open_request, refused

WHY = "Homme inconscient sur la plage, le SMUR n’a que son ticket"
ACCESSES = "/api/v1/emergency-accesses"


def test_un_bris_de_glace_la_nuit(world: World) -> None:
    # Le coordinateur du Pays de Retz a écrit qui doit être prévenu.
    path = f"/api/v1/territories/{world.territory.id}"
    found = world.coordinator.get(path)
    kept = {name: found.json()[name] for name in ("slug", "name", "department", "communes")}
    told = {"alert_emails": ["astreinte@cpts.exemple"], "protection_emails": ["dpo@cpts.exemple"]}
    etag = {"If-Match": found.headers["etag"]}
    expect(world.coordinator.put(path, json={**kept, "settings": told}, headers=etag), 200)
    dossier = open_request(world)

    # À deux heures du matin, le médecin régulateur de Montaigu ne voit pas ce dossier.
    night = NOW + timedelta(hours=16)
    world.service.at(night)
    doctor = world.neighbour_regulateur
    refused(doctor.get(f"/api/v1/requests/{dossier['id']}"), 404, "not-found")

    # Il dit pourquoi, et l’ouvre. Sans raison, rien ne s’ouvre.
    asked = {"number": dossier["number"]}
    assert doctor.post(ACCESSES, json=asked | {"reason": "urgent"}).status_code == 422
    access = expect(doctor.post(ACCESSES, json=asked | {"reason": WHY}), 201)
    assert access["expires_at"].startswith((night + timedelta(hours=1)).isoformat()[:16])

    # Il lit l’identité une fois ; il ne change rien, et ses listes restent les siennes.
    record = expect(doctor.get(f"{ACCESSES}/{access['id']}"), 200)
    assert record["patient"]["family_name"] == "Guérin"
    refused(doctor.post(f"/api/v1/requests/{dossier['id']}/cancel", json={"why": "essai"}), 404, "not-found")
    assert expect(doctor.get("/api/v1/requests"), 200)["items"] == []

    # Le coordinateur et le délégué du Pays de Retz reçoivent aussitôt un courriel, sans identité.
    letters = _letters(world)
    assert {one.to for one in letters} == {"astreinte@cpts.exemple", "dpo@cpts.exemple"}
    for one in letters:
        assert "un médecin régulateur d’un autre territoire a ouvert en urgence un dossier" in one.text
        assert all(mark not in one.text + one.subject for mark in ("Guérin", dossier["number"], WHY))

    # Une heure passe : l’accès finit de lui-même, sans que personne n’ait rien à faire.
    world.service.at(night + timedelta(hours=1))
    refused(doctor.get(f"{ACCESSES}/{access['id']}"), 409, "emergency-over")

    # Le matin, le délégué lit qui a ouvert quoi et pourquoi : une ouverture, une lecture, pas une de plus.
    world.service.at(night + timedelta(hours=7))
    (listed,) = expect(world.dpo.get(ACCESSES), 200)["items"]
    assert (listed["number"], listed["reason"], listed["role"]) == (dossier["number"], WHY, "regulateur")
    lines = expect(world.dpo.get("/api/v1/audit", params={"action": "emergency"}), 200)["items"]
    assert [(one["actor"], one["why"]) for one in lines] == [(access["opened_by"], WHY)] * 2
    assert expect(world.neighbour_dpo.get(ACCESSES), 200)["items"] == []

    # La trace est scellée, et personne ne la réécrit.
    work.seal_audit(world.service.wiring)
    with world.service.session() as session:
        kinds = session.execute(sa.text("SELECT payload FROM outbox_message")).scalars().all()
    assert "Guérin" not in orjson.dumps(kinds).decode()


def _letters(world: World) -> list[Letter]:
    write, now, found = writer_of(world.service.wiring), world.service.clock.now(), []
    with world.service.session() as session:
        while message := outbox.claim(session, {"email"}, now=now):
            if message.payload["kind"] == "emergency_opened":
                letter: Any = write(session, message, now)
                assert isinstance(letter, Letter)
                found.append(letter)
    return found
