"""Why a call for slots is refused, or a moment can no longer be accepted."""

from __future__ import annotations

from uuid import UUID

from snp.errors import Conflict, NotFound, SnpError


class CallNotFound(NotFound):
    """No call for slots has this id, here."""

    slug = "slot-call-not-found"
    fr = "Cet appel aux créneaux n’existe pas."

    def __init__(self, call_id: UUID) -> None:
        super().__init__("slot call", call_id)


class AlreadyCalled(Conflict):
    """A running call already asks for slots in one of these half-days."""

    slug = "already-called"
    fr = "Un appel est déjà en cours pour une de ces demi-journées."


class CallEnded(Conflict):
    """The call is over: filled, out of time, or cancelled."""

    slug = "slot-call-ended"
    fr = "Cet appel est terminé : le besoin est couvert, ou l’heure est passée."


class MomentGone(Conflict):
    """The moment is no longer wanted, or cannot be published any more."""

    slug = "moment-gone"
    fr = "Ce créneau n’est plus à prendre : {why}"

    def __init__(self, why: str) -> None:
        super().__init__("the moment is gone", why=why)


class NobodyToAsk(SnpError):
    """Nobody of the profession may be asked for these half-days."""

    slug = "nobody-to-ask"
    fr = "Personne ne peut être sollicité pour ces demi-journées : l’aperçu dit pourquoi."
