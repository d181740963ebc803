"""The refusals of the door."""

from __future__ import annotations

from snp.errors import Conflict, Forbidden, SnpError


class LoginTaken(Conflict):
    """Another account has this login."""

    slug = "login-taken"
    fr = "Cet identifiant de connexion est déjà pris : {login}."

    def __init__(self, login: str) -> None:
        super().__init__(f"login {login} is taken", login=login)


class NotSignedIn(SnpError):
    """No valid key or session came with a request that needs one."""

    slug = "not-signed-in"
    fr = "Connectez-vous, ou présentez une clé d’accès valide."


class CsrfRefused(Forbidden):
    """An unsafe request came with a session cookie but without its form token."""

    slug = "csrf-refused"
    fr = "Le formulaire a expiré : rechargez la page et recommencez."


class ScopeMissing(Forbidden):
    """The role may do it, this key may not."""

    slug = "scope-missing"
    fr = "Cette clé d’accès n’a pas la portée « {scope} »."

    def __init__(self, scope: str) -> None:
        super().__init__(f"the key lacks the scope {scope}", scope=scope)


class OutOfReach(Forbidden):
    """The request names a territory, organisation or practitioner that the actor may not act for."""

    slug = "out-of-reach"
    fr = "Vous ne pouvez pas agir pour ce territoire, cette structure ou ce professionnel."


class TooManyRequests(SnpError):
    """An address tried too often; `retry_after` seconds from now it may again."""

    slug = "too-many-requests"
    fr = "Trop d’essais : réessayez dans {retry_after} secondes."

    def __init__(self, retry_after: int) -> None:
        super().__init__("too many requests", retry_after=retry_after)
