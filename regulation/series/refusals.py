"""Why something about a series is refused: one class a reason, with the sentence its user reads."""

from __future__ import annotations

from datetime import date

from regulation.series.direct_access import Episode, limit_on
from snp.days import say_day
from snp.errors import Conflict, NotFound, SnpError


class SeriesNotFound(NotFound):
    """No series has this request, for this reader."""

    slug = "series-not-found"
    fr = "Cette série de séances n’existe pas, ou ne vous est pas ouverte."

    def __init__(self, request_id: object = "") -> None:
        super().__init__("series", request_id)


class DirectAccessNotAllowed(SnpError):
    """Sessions without a medical diagnosis are not given here on that day."""

    slug = "direct-access-not-allowed"
    fr = (
        "L’accès direct sans diagnostic médical préalable n’est pas ouvert sur ce territoire à cette date : "
        "il faut une prescription ou un diagnostic médical."
    )

    def __init__(self) -> None:
        super().__init__("no direct access here on that day")


class DirectAccessExhausted(SnpError):
    """The sessions of an episode without a medical diagnosis are used up."""

    slug = "direct-access-exhausted"
    fr = (
        "{limit} séances au plus sans diagnostic médical préalable par épisode de {months} mois : "
        "l’épisode commencé le {since} en compterait {count}. Avec une prescription ou un diagnostic "
        "médical, il n’y a plus de limite ; sinon, un nouvel épisode commence le {again}."
    )

    def __init__(self, episode: Episode) -> None:
        limit = limit_on(episode.start)
        super().__init__(
            f"{len(episode.sessions)} sessions without a diagnosis since {episode.start}",
            limit=limit.sessions,
            months=limit.months,
            since=say_day(episode.start, year=True),
            count=len(episode.sessions),
            again=say_day(episode.until, year=True),
        )


class SeriesClosed(Conflict):
    """The series is over."""

    slug = "series-closed"
    fr = "Cette série est terminée."

    def __init__(self) -> None:
        super().__init__("the series is closed")


class SeriesFull(Conflict):
    """The series has all the sessions that it may have."""

    slug = "series-full"
    fr = (
        "Cette série compte déjà {most} séances : au-delà, le patient continue avec le kinésithérapeute "
        "de son choix."
    )

    def __init__(self, most: int) -> None:
        super().__init__(f"a series has {most} sessions at most", most=most)


class SessionsToCome(Conflict):
    """Sessions are still to come: they are cancelled, or take place, before the series is closed."""

    slug = "sessions-to-come"
    fr = "Il reste {count} séance(s) à venir : annulez-les ou attendez-les avant de clore la série."

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} sessions are still to come", count=count)


class NoSessionYet(Conflict):
    """No session has begun: there is nothing to say of it yet."""

    slug = "no-session-yet"
    fr = "Aucune séance n’a encore commencé."

    def __init__(self) -> None:
        super().__init__("no session has begun")


class SheetNotFound(NotFound):
    """The series has no sheet that this reader may see."""

    slug = "sheet-not-found"
    fr = "Aucune fiche n’est à lire ici."

    def __init__(self, request_id: object = "") -> None:
        super().__init__("sheet", request_id)


class PassPending(Conflict):
    """The series is already offered to a colleague."""

    slug = "pass-pending"
    fr = "Cette série est déjà proposée à un confrère : attendez sa réponse, ou retirez la proposition."

    def __init__(self) -> None:
        super().__init__("the series is already offered")


class PassNotFound(NotFound):
    """No running offer of a series has this id, for this reader."""

    slug = "pass-not-found"
    fr = "Cette proposition n’existe pas ou plus."

    def __init__(self, pass_id: object = "") -> None:
        super().__init__("pass", pass_id)


class RelayNotFound(NotFound):
    """No running relay has this id, for this reader."""

    slug = "relay-not-found"
    fr = "Ce relais n’existe pas ou plus."

    def __init__(self, relay_id: object = "") -> None:
        super().__init__("relay", relay_id)


class OutsideRelay(SnpError):
    """The chosen slot is not within the days of the relay."""

    slug = "outside-relay"
    fr = "Ce relais va du {first} au {last} : choisissez un créneau entre ces deux jours."

    def __init__(self, first: date, last: date) -> None:
        super().__init__("the slot is outside the relay", first=say_day(first), last=say_day(last))
