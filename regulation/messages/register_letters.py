"""The letters of the médecin traitant list: to the person whom an entry is for, and to the doctor who picked.

An SMS names neither the person, nor a doctor, nor anything of his health: it is read on locked screens.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel import Session

from regulation.medecin_traitant.register import places_repository, repository
from regulation.medecin_traitant.register.facts import EntryState, EntryView
from regulation.medecin_traitant.register.rules import ON_THE_LIST
from regulation.medecin_traitant.register.service.by_link import link_text
from regulation.medecin_traitant.register.service.reading import open_people
from regulation.messages.facts import Kind, Letter, Medium
from regulation.messages.rules import gsm
from regulation.messages.texts import SIGNED
from snp.days import local_day
from snp.directory import service as directory
from snp.notifications.facts import Message, Unneeded
from snp.platform.actors import system
from snp.platform.keys import Keys

OF_THE_REGISTER: Final = frozenset(
    {
        Kind.MT_CONFIRM,
        Kind.MT_KNOWN,
        Kind.MT_PICKED,
        Kind.MT_BACK,
        Kind.MT_RECONFIRM,
        Kind.MT_CLOSED,
        Kind.MT_FOLLOW_UP,
        Kind.MT_CARER_RETURNED,
    }
)
_STILL_IN: Final = {
    Kind.MT_CONFIRM: frozenset({EntryState.UNCONFIRMED}),
    Kind.MT_KNOWN: ON_THE_LIST,
    Kind.MT_PICKED: frozenset({EntryState.PICKED}),
    Kind.MT_BACK: frozenset({EntryState.WAITING}),
    Kind.MT_RECONFIRM: frozenset({EntryState.WAITING}),
    Kind.MT_CLOSED: frozenset({EntryState.CLOSED}),
    Kind.MT_FOLLOW_UP: frozenset({EntryState.AGREED}),
}
_SENDER: Final = system("messages")
_WHY: Final = "message à une personne de la liste médecin traitant"
_SUBJECTS: Final = {
    Kind.MT_CONFIRM: "Confirmez votre inscription",
    Kind.MT_KNOWN: "Votre inscription",
    Kind.MT_PICKED: "Un cabinet va vous appeler",
    Kind.MT_BACK: "Vous êtes de nouveau en attente",
    Kind.MT_RECONFIRM: "Cherchez-vous toujours ?",
    Kind.MT_CLOSED: "Votre inscription est close",
    Kind.MT_FOLLOW_UP: "Votre déclaration est-elle signée ?",
}


def entry_page(address: str, entry_id: UUID, keys: Keys) -> str:
    """Return the address of a person's page on the list."""
    return f"{address}/medecin-traitant/{link_text(entry_id, keys)}"


def register_letter(
    session: Session, kind: Kind, message: Message, keys: Keys, *, address: str, now: datetime
) -> Letter | Unneeded:
    """Return the letter of a queued message, or why there is nothing to send any more."""
    medium = Medium(message.topic)
    if kind is Kind.MT_CARER_RETURNED:
        return _to_the_doctor(session, medium, message, address, now)
    entry_id = UUID(str(message.payload["entry_id"]))
    entry = repository.load(session, [entry_id]).get(entry_id)
    if entry is None or entry.erased_at is not None or entry.state not in _STILL_IN[kind]:
        return Unneeded("no-longer-so")
    person = open_people(session, [entry_id], keys=keys, why=_WHY, by=_SENDER, now=now)[entry_id]
    to = person.traits.phone if medium is Medium.SMS else person.email
    if to is None:
        return Unneeded("no-address")
    text = _text(session, kind, entry, entry_page(address, entry_id, keys))
    if medium is Medium.SMS:
        return Letter(medium, to, "", gsm(f"Liste médecin traitant : {text}"))
    subject = f"Liste médecin traitant : {_SUBJECTS[kind]}"
    return Letter(medium, to, subject, f"Bonjour,\n\n{text}{SIGNED}")


_TEXTS: Final = {
    Kind.MT_CONFIRM: "confirmez l’inscription, ou ignorez ce message si ce n’est pas vous : {link}",
    Kind.MT_KNOWN: "vous y êtes déjà, inutile de recommencer. Voir ou se retirer : {link}",
    Kind.MT_PICKED: "un cabinet peut vous prendre et vous appelle{until}. Voir ou refuser : {link}",
    Kind.MT_BACK: "cela n’a pas abouti. Vous gardez votre ancienneté sur la liste. Voir : {link}",
    Kind.MT_RECONFIRM: "cherchez-vous toujours ? Sans réponse, l’inscription sera close : {link}",
    Kind.MT_CLOSED: "l’inscription est close, faute de réponse. Vous pouvez vous réinscrire à tout moment.",
    Kind.MT_FOLLOW_UP: "la déclaration est-elle signée ? Répondez en un geste : {link}",
}


def _text(session: Session, kind: Kind, entry: EntryView, link: str) -> str:
    """Return what is said, in SMS and e-mail alike."""
    pick = places_repository.running_pick(session, entry.id)
    until = f" avant le {local_day(pick.call_by):%d/%m}" if pick else ""
    return _TEXTS[kind].format(link=link, until=until)


def _to_the_doctor(
    session: Session, medium: Medium, message: Message, address: str, now: datetime
) -> Letter | Unneeded:
    pick_id = UUID(str(message.payload["pick_id"]))
    found = places_repository.picks(session, [places_repository.P.c.id == pick_id])
    if not found or found[0].outcome is None:
        return Unneeded("no-longer-so")
    carer = directory.get_practitioner(session, found[0].practitioner_id, now=now)
    to = carer.phone if medium is Medium.SMS else carer.email
    if to is None:
        return Unneeded("no-address")
    link = f"{address}/agenda/medecin-traitant"
    told = f"une personne choisie est revenue sur la liste médecin traitant, sa place est libre : {link}"
    if medium is Medium.SMS:
        return Letter(medium, to, "", gsm(f"SNP : {told}"))
    subject = "Liste médecin traitant : une place est libre"
    return Letter(medium, to, subject, f"Bonjour,\n\n{told[:1].upper()}{told[1:]}{SIGNED}")
