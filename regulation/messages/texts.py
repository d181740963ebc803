"""The words of every message, in French. Pure.

An SMS says when and where, never why nor with whom: it is read on locked screens, by anybody. An e-mail to a
carer says when, never who comes: his page does, once he has signed in.

Source: CNIL, guide de la sécurité des données personnelles 2024, fiche 21 (no health data by SMS or plain
e-mail).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from regulation.messages.facts import Kind, Whereabouts
from snp.days import local, say_day, say_instant, say_time
from snp.platform.actors import Role

SIGNED: Final = "\n\nSoins non programmés\nCe message est automatique : n’y répondez pas."
_SAID: Final = 2
"""How many moments an SMS names: the page shows the others."""
_DAYS: Final = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")


def patient_sms(kind: Kind, where: Whereabouts, link: str, *, sought_again: bool = False) -> str:
    """What a patient reads. `sought_again`: his carer gave the appointment up and another is looked for."""
    when, place = _and([short(start) for start in where.starts]), where.place
    match kind:
        case Kind.PATIENT_BOOKED:
            return f"RDV {when}, {place}. Voir, déplacer ou annuler : {link}"
        case Kind.PATIENT_MOVED:
            return f"RDV déplacé au {when}, {place}. Voir ou annuler : {link}"
        case Kind.PATIENT_CANCELLED:
            return (
                f"Votre RDV du {when} n’a plus lieu. Nous cherchons un autre créneau et vous prévenons. "
                "Si votre état s’aggrave : 15."
                if sought_again
                else f"Votre RDV du {when} est annulé. Toujours besoin ? Rappelez qui vous l’avait donné."
            )
        case Kind.PATIENT_DAY_BEFORE:
            return f"Rappel : RDV demain {when}, {place}. Empêché ? Rendez votre place : {link}"
        case Kind.PATIENT_HOURS_BEFORE:
            return f"Rappel : RDV aujourd’hui à {clock(where.starts[0])}, {place}. Empêché ? {link}"
        case Kind.PATIENT_SHEET:
            return f"Votre document est prêt. Le lire, avec votre date de naissance : {link}"
        case _:
            raise ValueError(f"{kind} is not told to patients")


def reminder_subject(where: Whereabouts) -> str:
    """The subject of a reminder by e-mail."""
    return f"Rappel : rendez-vous {say_instant(where.starts[0])}"


def reminder_email(kind: Kind, where: Whereabouts, link: str) -> str:
    """A reminder by e-mail: when and where, never why nor with whom."""
    when = "demain" if kind is Kind.PATIENT_DAY_BEFORE else "aujourd’hui"
    told = f"Vous avez rendez-vous {when}, {say_instant(where.starts[0])}, {where.place}."
    return f"Bonjour,\n\n{told}\n\nVoir, rendre votre place, changer vos rappels : {link}{SIGNED}"


def carer_subject(kind: Kind, where: Whereabouts) -> str:
    """The subject of an e-mail to a carer."""
    when = say_instant(where.starts[0])
    match kind:
        case Kind.CARER_BOOKED:
            return f"Nouveau rendez-vous {when}"
        case Kind.CARER_MOVED:
            return f"Rendez-vous déplacé au {when}"
        case Kind.CARER_CANCELLED:
            return f"Rendez-vous annulé : {when}"
        case _:
            raise ValueError(f"{kind} is not about one appointment of a carer")


def carer_email(kind: Kind, where: Whereabouts, link: str) -> str:
    """The text of an e-mail to a carer: when and where; who comes is on his page."""
    when = _and([say_instant(start) for start in where.starts])
    match kind:
        case Kind.CARER_BOOKED:
            told = f"Un patient a rendez-vous {when}, {where.place}."
        case Kind.CARER_MOVED:
            told = f"Un rendez-vous a été déplacé : il a lieu {when}, {where.place}."
        case Kind.CARER_CANCELLED:
            told = f"Le rendez-vous de {when}, {where.place}, est annulé. Le créneau est de nouveau proposé."
        case _:
            raise ValueError(f"{kind} is not about one appointment of a carer")
    return f"Bonjour,\n\n{told}\n\nQui vient, et pourquoi : {link}{SIGNED}"


def carer_sms(kind: Kind, where: Whereabouts, link: str) -> str:
    """What a carer reads on his phone."""
    when = _and([short(start) for start in where.starts])
    match kind:
        case Kind.CARER_BOOKED:
            return f"SNP : RDV {when}. Qui vient : {link}"
        case Kind.CARER_MOVED:
            return f"SNP : RDV déplacé au {when}. {link}"
        case Kind.CARER_CANCELLED:
            return f"SNP : RDV de {when} annulé, créneau rendu. {link}"
        case _:
            raise ValueError(f"{kind} is not about one appointment of a carer")


def digest_subject(day: date, count: int) -> str:
    """The subject of a carer's digest."""
    return f"{say_day(day).capitalize()} : {_rdv(count)}"


def digest_email(day: date, starts: Sequence[datetime], free: int, link: str) -> str:
    """A carer's next day: the hours at which somebody comes, and how many places are still offered."""
    lines = "\n".join(f"- {say_time(start)}" for start in starts)
    left = f"\n\nEncore {_places(free)}." if free else ""
    title = f"{say_day(day).capitalize()}, vous avez {_rdv(len(starts))} de soins non programmés :"
    return f"Bonjour,\n\n{title}\n\n{lines}{left}\n\nQui vient, et pourquoi : {link}{SIGNED}"


def digest_sms(day: date, starts: Sequence[datetime], link: str) -> str:
    """A carer's next day on his phone."""
    hours = ", ".join(clock(start) for start in starts)
    return f"SNP {_DAYS[day.weekday()]} {day:%d/%m} : {_rdv(len(starts))} ({hours}). {link}"


def slot_call_sms(moments: Sequence[tuple[datetime, datetime]], link: str) -> str:
    """A call for slots on a phone: when, as a question, and the page on which one tap answers."""
    shown = [f"{short(start)}-{clock(end)}" for start, end in moments[:_SAID]]
    more = " ou un autre moment" if len(moments) > _SAID else ""
    return f"SNP : {' ou '.join(shown)}{more} ? Oui ou non en un geste : {link}"


def slot_call_subject(moments: Sequence[tuple[datetime, datetime]]) -> str:
    """The subject of a call for slots by e-mail."""
    start, end = moments[0]
    return f"{say_instant(start).capitalize()}–{say_time(end)} ? Des créneaux vont manquer"


def slot_call_email(moments: Sequence[tuple[datetime, datetime]], link: str) -> str:
    """A call for slots by e-mail: the moments, the page, and how to be left in peace."""
    lines = "\n".join(f"- {say_instant(start)}–{say_time(end)}" for start, end in moments)
    return (
        "Bonjour,\n\nDes créneaux de soins non programmés vont manquer. Pourriez-vous en ouvrir un ?\n\n"
        f"{lines}\n\nOui, non, ou « pas cette semaine », en un geste : {link}{SIGNED}"
    )


def shortage_subject(territory: str, count: int) -> str:
    """The subject of an alert: requests for which nothing is left."""
    return f"{territory} : {_requests(count)} sans créneau"


def shortage_email(territory: str, deadlines: Sequence[tuple[str, datetime | None]], link: str) -> str:
    """Which requests nothing suits, by number and deadline; no identity."""
    lines = "\n".join(
        f"- dossier {number}, à voir avant {say_instant(due)}" if due else f"- dossier {number}"
        for number, due in deadlines
    )
    title = f"Aucun créneau libre ne convient à {_requests(len(deadlines))} ({territory}) :"
    return f"Bonjour,\n\n{title}\n\n{lines}\n\nDemander des créneaux : {link}{SIGNED}"


def offer_subject(lender: str) -> str:
    """The subject of an alert: a neighbour offers slots."""
    return f"{lender} propose de partager des créneaux"


def offer_email(lender: str, territory: str, link: str) -> str:
    """Who offers slots to whom, and where to answer."""
    told = f"{lender} propose à {territory} d’utiliser des créneaux de ses professionnels."
    return f"Bonjour,\n\n{told}\nRien n’est partagé avant votre accord.\n\nRépondre : {link}{SIGNED}"


def emergency_subject(territory: str) -> str:
    """The subject of a notice: a dossier was opened from another territory."""
    return f"Accès d’urgence à un dossier de {territory}"


def emergency_email(territory: str, role: Role, at: datetime, link: str) -> str:
    """When a dossier was opened from elsewhere and by which role; who, why and whose stand on the page."""
    who = "un médecin régulateur" if role is Role.REGULATEUR else "un opérateur de soins non programmés"
    return (
        f"Bonjour,\n\nLe {say_instant(at)}, {who} d’un autre territoire a ouvert en urgence un dossier "
        f"de {territory}.\nQui, quel dossier et pourquoi : le délégué à la protection des données le lit "
        f"sur sa page.\n\n{link}{SIGNED}"
    )


def right_asked_subject(territory: str) -> str:
    """The subject of a notice: a patient asked for his rights."""
    return f"Demande d’un patient sur ses données, {territory}"


def right_asked_email(territory: str, link: str) -> str:
    """That somebody asked, and by when to answer; who and what stand on the page.

    Source: RGPD art. 12(3): within one month.
    """
    return (
        f"Bonjour,\n\nUn patient de {territory} demande quelque chose sur ses données. La réponse est due "
        f"dans un mois.\n\nQuel dossier, quelle demande : {link}{SIGNED}"
    )


def dead_letters_subject(count: int) -> str:
    """The subject of an alert: messages that will not leave by themselves."""
    return f"{count} envoi{'s' if count > 1 else ''} en échec"


def dead_letters_email(counts: Sequence[tuple[str, int]], link: str) -> str:
    """How many messages of each kind were given up."""
    lines = "\n".join(f"- {topic} : {count}" for topic, count in counts)
    return (
        "Bonjour,\n\nDes envois ont été abandonnés après plusieurs essais ; une personne doit décider.\n\n"
        f"{lines}\n\nLes revoir, les renvoyer : {link}{SIGNED}"
    )


def short(instant: datetime) -> str:
    """A day and time in few characters: « jeudi 26/11 à 14h15 »."""
    shown = local(instant)
    return f"{_DAYS[shown.weekday()]} {shown:%d/%m} à {clock(instant)}"


def clock(instant: datetime) -> str:
    """A local time in few characters: « 14h15 », « 9h »."""
    shown = local(instant)
    return f"{shown.hour}h{shown.minute:02d}" if shown.minute else f"{shown.hour}h"


def _and(words: Sequence[str]) -> str:
    if len(words) == 1:
        return words[0]
    return f"{', '.join(words[:-1])} et {words[-1]}"


def _rdv(count: int) -> str:
    return f"{count} rendez-vous"


def _requests(count: int) -> str:
    return f"{count} dossier{'s' if count > 1 else ''}"


def _places(count: int) -> str:
    return f"{count} place{'s' if count > 1 else ''} libre{'s' if count > 1 else ''}"
