"""Le bilan annuel : la coordinatrice fixe un objectif avec la CPAM, suit ses chiffres, remet son rapport."""

from __future__ import annotations

from datetime import timedelta

from tests.support.http import NOW, World, a_patient, book, expect, publish, seeking_request


def test_la_coordinatrice_fixe_un_objectif_suit_ses_chiffres_et_remet_son_rapport(world: World) -> None:
    coordinatrice, ici = world.coordinator, f"/api/v1/territories/{world.territory.id}/indicators"

    # Le contrat veut quatre besoins sur cinq servis en 48 h : elle l’inscrit, avec sa référence.
    definition = expect(coordinatrice.get(f"{ici}/servis-48h"), 200)["definition"]
    definition |= {"target": {"sense": "at_least", "value": 80}, "contract_ref": "Annexe 2, indicateur 1"}
    expect(coordinatrice.put(f"{ici}/servis-48h", json=definition, headers={"If-Match": "*"}), 200)

    # Le jour passe : douze créneaux, six patients, dont un qui ne vient pas.
    for number in range(12):
        publish(world, NOW + timedelta(hours=2, minutes=20 * number))
    booked = [
        book(world, seeking_request(world, patient=a_patient(given_name=f"Patient{'abcdef'[n]}"))["id"])
        for n in range(6)
    ]
    world.service.at(NOW + timedelta(hours=8))
    for appointment in booked[:5]:
        expect(world.practitioner.post(f"/api/v1/appointments/{appointment['id']}/honour"), 200)
    expect(world.practitioner.post(f"/api/v1/appointments/{booked[5]['id']}/no-show"), 200)

    # Ses chiffres du mois : tout est compté, l’objectif est atteint, le seul absent ne se devine pas.
    told = expect(coordinatrice.get(f"{ici}/figures?unit=month"), 200)["figures"]
    figures = {one["code"]: one for one in told}
    assert figures["creneaux-publies"]["whole"]["value"] == 12
    assert figures["creneaux-pris"]["whole"]["value"] == 6
    assert figures["creneaux-perdus"]["whole"]["value"] == 6
    assert figures["servis-48h"]["whole"]["value"] == 100
    assert figures["servis-48h"]["met"] is True
    assert figures["non-honores"]["whole"] == {
        **figures["non-honores"]["whole"],
        "masked": True,
        "value": None,
        "base": None,
    }

    # Le rapport de l’année reprend tout, et dit de l’estimation que c’en est une, avec sa fourchette.
    report = expect(coordinatrice.get(f"{ici}/report?year=2026"), 200)
    by_code = {one["code"]: one for one in report["figures"]}
    avoided = by_code["urgences-evitees"]["whole"]
    assert avoided["low"] <= avoided["value"] <= avoided["high"]
    assert by_code["servis-48h"]["met"] is True

    # La CPTS voisine ne voit rien de tout cela, et ses chiffres restent les siens.
    voisine = f"/api/v1/territories/{world.neighbour.id}/indicators/figures"
    assert coordinatrice.get(voisine).status_code == 404
