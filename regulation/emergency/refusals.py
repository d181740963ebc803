"""Why an emergency access is refused."""

from __future__ import annotations

from snp.errors import Conflict


class EmergencyNotNeeded(Conflict):
    """The dossier is of one of his own territories."""

    slug = "emergency-not-needed"
    fr = "Ce dossier est de votre territoire : ouvrez-le par la liste des dossiers."


class EmergencyOver(Conflict):
    """The time of the access is over."""

    slug = "emergency-over"
    fr = "Cet accès d’urgence est terminé. Si l’urgence dure, ouvrez-en un autre et dites pourquoi."
