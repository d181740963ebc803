"""Why a calendar is refused or cannot be read."""

from __future__ import annotations

from slots.feeds.facts import FetchFault
from snp.errors import Conflict, SnpError


class CalendarUnreadable(SnpError):
    """A calendar could not be fetched or read; the last good state stays."""

    slug = "calendar-unreadable"
    fr = "Ce calendrier ne peut pas être lu : {reason}."

    def __init__(self, fault: FetchFault) -> None:
        super().__init__(f"calendar unreadable: {fault}", fault=fault.value, reason=FAULTS_FR[fault])
        self.fault = fault


class TooManyCalendars(Conflict):
    """The practitioner already imports as many calendars as he may."""

    slug = "too-many-calendars"
    fr = "Vous importez déjà {most} calendriers : retirez-en un d’abord."

    def __init__(self, most: int) -> None:
        super().__init__("too many calendars", most=most)


FAULTS_FR = {
    FetchFault.NOT_ALLOWED: "l’adresse doit être publique et commencer par https://",
    FetchFault.UNREACHABLE: "son serveur ne répond pas",
    FetchFault.REFUSED: "son serveur le refuse : l’adresse a peut-être changé",
    FetchFault.TOO_LARGE: "il est trop gros",
    FetchFault.TOO_SLOW: "son serveur est trop lent",
    FetchFault.NOT_A_CALENDAR: "l’adresse ne donne pas un calendrier",
}
