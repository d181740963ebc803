"""The root of every refusal, and the few refusals that all packages share. Knows no HTTP."""

from __future__ import annotations


class SnpError(Exception):
    """A refusal with a stable `slug`, an English message and a French sentence for users.

    Subclasses stand beside the function that raises them, set `slug`, `fr` (a `str.format` template over the
    keyword fields) and pass their typed fields as keywords. The doors render them; see `api/problems.py`.
    """

    slug: str = "refused"
    fr: str = "La demande a été refusée."

    def __init__(self, message: str = "", **fields: object) -> None:
        super().__init__(message or self.slug.replace("-", " "))
        self.fields = fields

    @property
    def sentence(self) -> str:
        """The French sentence shown to users."""
        return self.fr.format(**self.fields)


class NotFound(SnpError):
    """The named thing does not exist, or the reader may not know that it does."""

    slug = "not-found"
    fr = "Introuvable : {what}."

    def __init__(self, what: str, ident: object = "") -> None:
        super().__init__(f"{what} {ident} not found".replace("  ", " "), what=what, ident=str(ident))


class InvalidValue(SnpError):
    """A value does not have the form or key its type demands; `field` says where it was found."""

    slug = "invalid-value"
    fr = "Valeur refusée pour « {field} » : {reason}"

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}", field=field, reason=reason)


class Conflict(SnpError):
    """What was read has changed since, or was taken by somebody else."""

    slug = "conflict"
    fr = "Quelqu’un d’autre a été plus rapide : rechargez et recommencez."


class VersionMismatch(Conflict):
    """The `If-Match` version is not the current one."""

    slug = "version-mismatch"
    fr = "Cette fiche a changé depuis que vous l’avez lue : rechargez-la."


class Forbidden(SnpError):
    """The signed-in account has no right to do this, here."""

    slug = "forbidden"
    fr = "Votre compte n’a pas le droit de faire cela."
