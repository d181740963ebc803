"""The letters of a rota, written when they leave: what was answered or filled meanwhile is not said.

They say when, never who: names are on the page, behind a sign-in.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel import Session

from regulation.messages.facts import Kind, Letter, Medium
from regulation.messages.rules import gsm
from regulation.messages.texts import SIGNED, clock, short
from slots.rota import service as rotas
from slots.rota.refusals import RotaNotFound
from slots.rota.terms import Reply, ShiftView
from snp.days import say_instant, say_time
from snp.directory import service as directory
from snp.notifications.facts import Message, Unneeded

OF_ROTAS: Final = frozenset(
    {
        Kind.CARER_ROTA_SWAP,
        Kind.CARER_ROTA_ANSWERED,
        Kind.CARER_ROTA_CHANGED,
        Kind.CARER_ROTA_VOLUNTEERS,
        Kind.COORDINATOR_ROTA_REPAIR,
        Kind.COORDINATOR_ROTA_OFFER,
    }
)
_NAMED: Final = 5
"""How many shifts an e-mail names: the page shows the others."""
Said = tuple[str, str, str]
"""Subject, sentence of an e-mail, sentence of an SMS."""


def rota_letter(
    session: Session, kind: Kind, message: Message, *, address: str, now: datetime
) -> Letter | Unneeded:
    """Return the letter of a message about a rota, or why there is nothing to say any more."""
    if kind in {Kind.COORDINATOR_ROTA_REPAIR, Kind.COORDINATOR_ROTA_OFFER}:
        return _to_coordinator(session, kind, message, address=address)
    medium, carer_id = Medium(message.topic), UUID(str(message.payload["practitioner_id"]))
    carer = directory.get_practitioner(session, carer_id, now=now)
    to = carer.phone if medium is Medium.SMS else carer.email
    said = _said(session, kind, message, now)
    if to is None or said is None:
        return Unneeded("no-address" if to is None else "no-longer-so")
    subject, sentence, text = said
    page = f"{address}/agenda/gardes"
    if medium is Medium.SMS:
        return Letter(medium, to, "", gsm(f"SNP : {text} {page}"))
    return Letter(medium, to, subject, f"Bonjour,\n\n{sentence}\n\nVos gardes : {page}{SIGNED}")


def _said(session: Session, kind: Kind, message: Message, now: datetime) -> Said | None:
    match kind:
        case Kind.CARER_ROTA_SWAP:
            return _proposed(session, UUID(str(message.payload["swap_id"])), now)
        case Kind.CARER_ROTA_ANSWERED:
            return _answered(session, message)
        case Kind.CARER_ROTA_VOLUNTEERS:
            return _sought(session, message, now)
        case _:
            return (
                "Vos gardes ont changé",
                "Votre roulement a changé : des gardes vous sont attribuées ou retirées.",
                "vos gardes ont changé.",
            )


def _proposed(session: Session, swap_id: UUID, now: datetime) -> Said | None:
    swap = rotas.get_swap(session, swap_id)
    try:
        shift, _ = rotas.shift_of_turn(session, swap.turn_id)
    except RotaNotFound:
        return None
    if swap.reply is not None or shift.start <= now:
        return None
    return (
        f"Une garde vous est proposée : {say_instant(shift.start)}",
        f"Un confrère vous propose sa garde : {_when(shift)}. À vous d’accepter ou de refuser.",
        f"garde proposée {short(shift.start)}-{clock(shift.end)}. Oui ou non :",
    )


def _answered(session: Session, message: Message) -> Said | None:
    if "swap_id" in message.payload:
        agreed = rotas.get_swap(session, UUID(str(message.payload["swap_id"]))).reply is Reply.ACCEPTED
        word = "accepté" if agreed else "refusé"
        return (
            f"Échange de garde {word}",
            f"L’échange de garde que vous proposiez est {word}.",
            f"échange de garde {word}.",
        )
    offer = rotas.get_offer(session, UUID(str(message.payload["offer_id"])))
    shift = rotas.get_shift(session, offer.shift_id)
    if offer.reply is Reply.ACCEPTED:
        told = f"la garde {_when(shift)} est à vous"
    else:
        told = f"la garde {_when(shift)} est pourvue sans vous"
    return ("Votre proposition de garde", f"Merci de votre proposition : {told}.", f"merci, {told}.")


def _sought(session: Session, message: Message, now: datetime) -> Said | None:
    wanted = {UUID(str(each)) for each in message.payload["shift_ids"]}
    rota_id = UUID(str(message.payload["rota_id"]))
    still = [each for each in rotas.short_shifts(session, rota_id, now=now) if each.id in wanted]
    if not still:
        return None
    count = len(still)
    title = f"{count} garde{'s' if count > 1 else ''} à pourvoir"
    lines = "\n".join(f"- {_when(each)}" for each in still[:_NAMED])
    more = f"\n- et {count - _NAMED} autre{'s' if count - _NAMED > 1 else ''}" if count > _NAMED else ""
    return (
        title,
        f"Restent à pourvoir dans votre roulement :\n\n{lines}{more}\n\nPourriez-vous en prendre une ?",
        f"{title}, la première {short(still[0].start)}. La prendre ?",
    )


def _to_coordinator(session: Session, kind: Kind, message: Message, *, address: str) -> Letter | Unneeded:
    assert message.territory_id is not None
    territory = directory.get_territory(session, message.territory_id)
    to = dict(enumerate(territory.settings.alert_emails)).get(int(str(message.payload["place"])))
    if to is None:
        return Unneeded("no-address")
    if kind is Kind.COORDINATOR_ROTA_REPAIR:
        plan = rotas.get_plan(session, UUID(str(message.payload["plan_id"])))
        waits, rota_id = plan.decision is None, plan.rota_id
        subject = "Un roulement attend votre accord pour être réparé"
        told = (
            "Une garde n’a plus de titulaire. La réparation qui change le moins de gardes est prête."
            if plan.can_be_confirmed
            else "Une garde n’a plus de titulaire, et aucune réparation ne tient toutes les règles."
        )
    else:
        offer = rotas.get_offer(session, UUID(str(message.payload["offer_id"])))
        shift = rotas.get_shift(session, offer.shift_id)
        waits, rota_id = offer.reply is None, shift.rota_id
        subject = f"Un volontaire pour la garde {_when(shift)}"
        told = "Un volontaire se propose pour une garde à pourvoir : le retenir, ou le remercier."
    if not waits:
        return Unneeded("no-longer-so")
    name = rotas.get_rota(session, rota_id).details.name
    page = f"{address}/coordination/roulement/{rota_id}?territoire={territory.id}"
    text = f"Bonjour,\n\n{told}\nRoulement : {name}.\n\nDécider : {page}{SIGNED}"
    return Letter(Medium.EMAIL, to, subject, text)


def _when(shift: ShiftView) -> str:
    return f"{say_instant(shift.start)}–{say_time(shift.end)}"
