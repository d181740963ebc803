"""Il manque des créneaux : le coordinateur propose, le médecin publie d'un geste, un patient est placé.

Le lien arrive par message, sans mot de passe ; le calendrier du médecin montre ensuite ce qui est pris.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from slots.feeds import service as feeds
from snp.platform.actors import system
from tests.support.http import World, an_offer, book, expect, seeking_request

STARTS = ("2026-11-25T17:00:00Z", "2026-11-25T17:15:00Z")


def test_deux_creneaux_proposes_deviennent_un_rendez_vous(world: World) -> None:
    body = {
        "practitioner_id": str(world.gp.id),
        "slots": [{"start": start, "offer": an_offer(world, slot_minutes=15)} for start in STARTS],
    }
    made = expect(world.coordinator.post("/api/v1/magic-links", json=body), 201)
    link = urlsplit(made["address"]).path

    # Le téléphone précharge le lien : rien ne change. Le médecin, lui, publie.
    telephone = world.service.caller()
    assert telephone.get(link).status_code == 200
    answer = telephone.post(link, data={"creneau_0": "oui", "creneau_1": "oui", "reponse": "publier"})
    assert answer.status_code == 303
    told = expect(world.coordinator.get(f"/api/v1/magic-links/{made['link']['id']}"), 200)
    assert told["answer"] == "published"

    # La régulation y place un patient.
    appointment = book(world, seeking_request(world)["id"])
    assert appointment["start"] in STARTS

    # Son calendrier le sait, sans le nom du patient.
    with world.service.session() as session:
        keys, now = world.service.wiring.keys, world.service.clock.now()
        by = system("essai")
        secret = feeds.open_feed(session, world.gp.id, codes=keys.hasher(), by=by, now=now).secret
    feed = telephone.get(f"/calendriers/{secret}.ics").text
    assert feed.count("STATUS:CONFIRMED") == 1
    assert feed.count("STATUS:TENTATIVE") == 1
    assert "Guérin" not in feed
    assert "GUÉRIN" not in feed
