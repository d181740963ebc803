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


class AddressNotAllowed(Forbidden):
    """A key came from an address that is in none of the networks it may be presented from."""

    slug = "address-not-allowed"
    fr = "Cette clé d’accès n’est pas acceptée depuis cette adresse."


class KeyNotRunning(Conflict):
    """A key that is revoked or expired cannot be given a new secret."""

    slug = "key-not-running"
    fr = "Cette clé est révoquée ou expirée : créez-en une autre."


class InvalidClient(SnpError):
    """A client of the token endpoint did not prove itself (RFC 6749 §5.2, `invalid_client`)."""

    slug = "invalid-client"
    fr = "Ce client n’est pas reconnu : vérifiez l’identifiant et le secret."


class InvalidScope(SnpError):
    """A client asked for a scope that its key has not (RFC 6749 §5.2, `invalid_scope`)."""

    slug = "invalid-scope"
    fr = "Cette clé d’accès n’a pas toutes les portées demandées."


class LogoutRefused(SnpError):
    """A provider's order to end sessions proves nothing; `code` says what was wrong."""

    slug = "logout-refused"
    fr = "Cet ordre de déconnexion n’est pas valable."

    def __init__(self, code: str) -> None:
        super().__init__(f"the order to sign out was refused: {code}", code=code)


class LinkNotOpen(Conflict):
    """A magic link was used, revoked, or has expired."""

    slug = "link-not-open"
    fr = "Ce lien a déjà servi ou n’est plus valable."


class TooManyRequests(SnpError):
    """An address tried too often; `retry_after` seconds from now it may again."""

    slug = "too-many-requests"
    fr = "Trop d’essais : réessayez dans {retry_after} secondes."

    def __init__(self, retry_after: int) -> None:
        super().__init__("too many requests", retry_after=retry_after)


class IdentifierHeld(SnpError):
    """Another active regulator's account holds this identifier."""

    slug = "regulator-identifier-held"
    fr = "Un autre compte de régulateur actif porte déjà cet identifiant."


class SeveralRegulators(SnpError):
    """The criterion of a conditional update matches more than one active account."""

    slug = "several-regulators"
    fr = "Plusieurs comptes de régulateur actifs correspondent à ce critère."


class ManagedByPlatform(Forbidden):
    """A regulator's account of the national platform has no password: he comes in through the platform."""

    slug = "managed-by-platform"
    fr = "Ce compte est géré par la plateforme SAS : il n’a pas de mot de passe."


class NoRegulatorAccount(Forbidden):
    """The platform's sign-in named somebody who has no open account here."""

    slug = "no-regulator-account"
    fr = "La plateforme SAS ne nous a pas transmis de compte ouvert à votre nom."


class SsoNotConfigured(SnpError):
    """Somebody comes from the platform, and this service has no sign-in of the platform set up."""

    slug = "sso-not-configured"
    fr = "La connexion par la plateforme SAS n’est pas encore réglée sur ce service."


class SsoUnavailable(SnpError):
    """The platform's sign-in does not answer, or not as it should; the log says which."""

    slug = "sso-unavailable"
    fr = "La connexion de la plateforme SAS ne répond pas : réessayez dans un instant."

    def __init__(self, code: str) -> None:
        super().__init__(f"the platform's sign-in failed: {code}", code=code)


class SsoRefused(SnpError):
    """What came back from the platform's sign-in proves nobody; `code` says what was wrong."""

    slug = "sso-refused"
    fr = "La connexion par la plateforme SAS n’a pas abouti : revenez à la plateforme et recommencez."

    def __init__(self, code: str) -> None:
        super().__init__(f"the platform's sign-in was refused: {code}", code=code)
