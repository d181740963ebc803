"""What the operator decides, read from `SNP_*` variables and an optional `.env`.

Holds values, opens nothing.
"""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Final

import platformdirs
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from snp.platform.actors import REGULATION_ROLES, Role
from snp.platform.sign_in_settings import PSC_CLAIMS, PSC_NAME, PSC_SCOPE, FoundBy, SignInProvider


class Environment(StrEnum):
    """Where the service runs; a production one refuses the conveniences of the others."""

    DEVELOPMENT = "development"
    TEST = "test"
    PRODUCTION = "production"


class Strictness(StrEnum):
    """How identifiers are judged: form and key, or form alone (published official examples break the key)."""

    STRICT = "strict"
    LENIENT = "lenient"


class LogFormat(StrEnum):
    """Lines for a person or lines for a machine; `AUTO` looks at the terminal."""

    AUTO = "auto"
    CONSOLE = "console"
    JSON = "json"


class FhirAccess(StrEnum):
    """Who may call `/fhir`: this machine alone (a trial), the platform through the proxy, or nobody."""

    LOOPBACK = "loopback"
    PROXY = "proxy"
    OFF = "off"


class MailSecurity(StrEnum):
    """How the mail server is spoken to: TLS from the first byte, on request, or not at all (loopback)."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


class WebhookSettings(BaseModel):
    """Another system that is told what happens, in one territory (its short name) or in all."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(pattern=r"^https?://")
    secret: SecretStr = Field(min_length=16)
    territory: str | None = None
    events: frozenset[str] = Field(
        default=frozenset({"appointment.booked", "appointment.moved", "appointment.cancelled"})
    )


def _user_data_dir() -> Path:
    return platformdirs.user_data_path("snp", appauthor=False)


ExpandedPath = Annotated[Path, AfterValidator(lambda path: path.expanduser().absolute())]


class Settings(BaseSettings):
    """Every setting of the service; `docs/guide` explains those an operator meets."""

    model_config = SettingsConfigDict(
        env_prefix="SNP_", env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore"
    )

    environment: Environment = Environment.DEVELOPMENT
    demo: bool = Field(default=False, description="Load and keep alive the invented demonstration territory.")
    data_dir: ExpandedPath = Field(
        default_factory=_user_data_dir, description="Embedded database and generated keys live under it."
    )

    host: str = "127.0.0.1"
    unix_socket: ExpandedPath | None = Field(
        default=None, description="Listen on this socket instead of an address: for a proxy on the machine."
    )
    port: int = Field(default=8000, ge=0, le=65535)
    public_url: str | None = Field(
        default=None,
        pattern=r"^https?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~/-]*)?$",
        description="Address users see, https in production: every link is made of it.",
    )
    trusted_hosts: str = Field(
        default="",
        description="Other names that the service answers to (`Host`), by commas; no link is made of them.",
    )

    database_url: SecretStr | None = Field(
        default=None, description="A PostgreSQL 15+ server; unset, the embedded one is started."
    )
    database_pool_size: PositiveInt = Field(
        default=20,
        description="Connections that are kept: so many requests are inside a transaction at once.",
    )
    database_pool_overflow: int = Field(
        default=10, ge=0, description="Connections more, made for health checks and jobs, and not kept."
    )
    database_pool_timeout_seconds: PositiveFloat = 10.0
    database_statement_timeout_ms: int = Field(default=15_000, ge=0)
    database_lock_timeout_ms: int = Field(default=3_000, ge=0)
    database_behind_pgbouncer: bool = Field(
        default=False,
        description="No prepared statements and no start-up options: a transaction pooler loses them.",
    )
    database_direct_url: SecretStr | None = Field(
        default=None,
        description="Past the pooler, to the server itself: for locks of a session, LISTEN, migrations.",
    )
    database_replica_url: SecretStr | None = Field(
        default=None, description="A streaming replica that may answer boards and indicators."
    )
    database_replica_staleness_seconds: PositiveFloat = Field(
        default=10.0, description="How old an answer of the replica may be; beyond, the primary answers."
    )
    row_security: bool = Field(
        default=True,
        description="PostgreSQL itself keeps the rows of other territories from whoever has some (ADR 105).",
    )
    jobs: bool = Field(
        default=True,
        description="False: this process answers and delivers, and leaves the jobs to another one.",
    )

    postgres_account: str = Field(
        default="nobody",
        description="Account that runs the embedded database when the service is started by root.",
    )
    postgres_durable: bool = Field(
        default=True, description="False only for throw-away test databases: no fsync at all."
    )

    postgres_archive: ExpandedPath | None = Field(
        default=None,
        description="Where the embedded server copies its log, so that any past instant can come back.",
    )

    identifiers: Strictness = Strictness.LENIENT

    identity_keys: SecretStr | None = Field(
        default=None,
        description="`kid:base64,kid:base64` AES-256 keys of patient identities; the first encrypts.",
    )
    hash_keys: SecretStr | None = Field(
        default=None, description="`kid:base64,…` keys of the searchable hashes; the first one is written."
    )
    session_secret: SecretStr | None = None
    session_hours: PositiveInt = Field(
        default=10, description="How long a page session lasts at most, however busy."
    )
    session_idle_minutes: PositiveInt = Field(
        default=120, description="How long a page session lasts while nobody uses it."
    )
    access_token_minutes: PositiveInt = Field(
        default=15, le=60, description="How long an OAuth 2 access token of a piece of software lasts."
    )
    totp_required_roles: list[Role] | None = Field(
        default=None,
        description='Roles that sign in with a second factor, `["regulateur", "coordinator"]`. Unset, in '
        "production: the regulation, the coordinator, the administrator, the data-protection officer.",
    )

    psc_client_id: str | None = Field(
        default=None, description="Our name at Pro Santé Connect; unset, its button is not shown."
    )
    psc_client_secret: SecretStr | None = None
    psc_issuer: str = Field(
        default="https://auth.esw.esante.gouv.fr/auth/realms/esante-wallet",
        pattern=r"^https?://",
        description="As the ANS published it in 2025: confirm it when she opens the access.",
    )
    psc_discovery: str | None = Field(
        default=None,
        pattern=r"^https?://",
        description="Where it describes itself; unset, `.well-known/wallet-openid-configuration` there.",
    )
    psc_acr: str = Field(
        default="eidas1",
        description="Level of authentication that is demanded of it; to be confirmed with the ANS.",
    )
    psc_opens_practitioners: bool = Field(
        default=False,
        description="A practitioner found by his RPPS is given an account at his first visit.",
    )
    sign_in_providers: list[SignInProvider] = Field(
        default_factory=list,
        description='`[{"name": …, "label": …, "issuer": …, "client_id": …, "client_secret": …}]`.',
    )

    hold_minutes: PositiveInt = Field(
        default=5, description="How long a proposed slot is kept for who chose it."
    )
    horizon_days: PositiveInt = Field(
        default=60, description="How far ahead patterns are expanded into slots."
    )

    fhir_access: FhirAccess | None = Field(
        default=None, description="Unset: `proxy` in production, `loopback` elsewhere."
    )
    fhir_client_cn: str = Field(
        default="",
        description="CN of the platform's client certificates, by semicolons; none: nobody enters.",
    )
    fhir_client_ou: str = Field(
        default="",
        description="OU of the platform's client certificates, by semicolons; none: nobody enters.",
    )
    proxy_secret: SecretStr | None = Field(
        default=None,
        min_length=32,
        description="Shared with the proxy that checks client certificates: its headers are trusted by it.",
    )
    fhir_base_url: str | None = Field(
        default=None, description="Address of the FHIR door, when it is not `public_url` and `/fhir`."
    )

    sas_url: str | None = Field(
        default=None,
        pattern=r"^https://",
        description="`[base]` of the platform, where appointments are pushed (INT_R03); unset: nothing is.",
    )
    sas_client_certificate: ExpandedPath | None = Field(
        default=None, description="Our certificate towards the platform, PEM, with its chain."
    )
    sas_client_key: ExpandedPath | None = None
    sas_client_key_password: SecretStr | None = None
    sas_ca: ExpandedPath | None = Field(
        default=None, description="Authorities that sign the platform's certificate; unset: the system's."
    )
    sas_timeout_seconds: PositiveFloat = Field(
        default=10.0, description="How long the platform may take to answer."
    )
    sas_appointment_system: str | None = Field(
        default=None,
        pattern=r"^(https?://|urn:oid:)[^\s|]+$",
        description="System of our appointments' identifiers, an URL or OID of ours: never change it.",
    )

    outbox_attempts: PositiveInt = Field(
        default=400,
        description="How often a message is tried before a person must decide; 400 lasts about three days.",
    )
    outbox_lease_seconds: PositiveInt = Field(
        default=120,
        description="After how long a message that somebody was sending is taken over; twice any time-out.",
    )
    outbox_kept_days: PositiveInt = Field(
        default=30, description="How long settled messages are kept to be looked at."
    )
    outbox_dead_kept_days: PositiveInt = Field(
        default=365, description="How long given-up messages wait for a person."
    )

    identity_kept_days: PositiveInt = Field(
        default=1826,
        description="How long after his last request a patient is known by name (CNIL: 5 years in use).",
    )
    emergency_minutes: PositiveInt = Field(
        default=60, le=1440, description="How long a dossier of another territory stays open in an emergency."
    )
    audit_kept_days: PositiveInt = Field(
        default=1096, description="How long the journal of accesses is kept (CNIL: up to 3 years, justified)."
    )

    sas_origins: str = Field(
        default="sas,sas-preprod,sas-rui,sas-rui-ovh",
        description="Values of `origin` that say that a régulateur comes from the platform, by commas.",
    )
    sas_sso_issuer: str | None = Field(
        default=None,
        description="Issuer of the platform's OpenID Connect sign-in; unset, nobody comes in by it.",
    )
    sas_sso_client_id: str | None = None
    sas_sso_client_secret: SecretStr | None = None
    sas_sso_scope: str = "openid"
    sas_sso_claim: str = Field(
        default="sub", description="Claim that holds the régulateur's identifier, as INT_R02 sends it."
    )
    sas_sso_claim_system: str = Field(
        default="urn:oid:1.2.250.1.213.3.6", description="System of that identifier: the platform's own UUID."
    )
    sas_sso_national_claim: str | None = Field(
        default=None, description="Claim that holds his national identifier, tried next where it is set."
    )
    sas_sso_timeout_seconds: PositiveFloat = 5.0
    sas_session_minutes: PositiveInt = Field(
        default=60, description="How long a session opened by the platform lasts."
    )

    smtp_host: str | None = Field(default=None, description="The mail server; unset, no e-mail leaves.")
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_security: MailSecurity = MailSecurity.STARTTLS
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_sender: str = Field(
        default="Soins non programmés <ne-pas-repondre@localhost>", description="Who e-mails come from."
    )
    sms_url: str | None = Field(default=None, description="The SMS gateway; unset, no SMS leaves.")
    sms_token: SecretStr | None = None
    sms_sender: str = Field(default="SNP", pattern=r"^(\+[0-9]{4,15}|[A-Za-z0-9]{1,11})$")
    webhooks: list[WebhookSettings] = Field(
        default_factory=list,
        description='`[{"url": …, "secret": …, "territory": "pays-de-retz", "events": ["slot.released"]}]`.',
    )

    calendar_hosts: str = Field(
        default="",
        description="`host:port,host:port` of internal servers whose calendars may be imported all the same.",
    )

    rate_per_key: int = Field(
        default=50,
        ge=0,
        description="Requests a second that a key may keep up, at all processes; 0: no limit.",
    )
    rate_per_address: int = Field(
        default=100,
        ge=0,
        description="Requests a second that an address may keep up, at all processes; 0: none.",
    )
    rate_burst_seconds: PositiveInt = Field(
        default=20, description="How many seconds of that may come at once, after a rest."
    )

    metrics_token: SecretStr | None = Field(
        default=None,
        min_length=16,
        description="Bearer token of who reads /metrics; unset, only this machine without a proxy.",
    )
    traces_url: str | None = Field(
        default=None,
        pattern=r"^https?://",
        description="OTLP/HTTP collector, without /v1/traces; unset, nothing is traced.",
    )
    traces_ratio: float = Field(default=0.1, ge=0, le=1, description="Share of requests that are traced.")

    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR|CRITICAL)$")
    log_format: LogFormat = LogFormat.AUTO

    @property
    def trusted_host_names(self) -> frozenset[str]:
        """The names, besides those of its addresses, that the service may be asked by."""
        return frozenset(one.strip().lower() for one in self.trusted_hosts.split(",") if one.strip())

    @property
    def calendar_hosts_allowed(self) -> frozenset[str]:
        """The internal servers whose calendars may be imported."""
        return frozenset(one.strip().lower() for one in self.calendar_hosts.split(",") if one.strip())

    @property
    def second_factor_roles(self) -> frozenset[Role]:
        """The roles that do not sign in by a password alone."""
        if self.totp_required_roles is not None:
            return frozenset(self.totp_required_roles)
        is_production = self.environment is Environment.PRODUCTION
        return _READ_IDENTITIES if is_production else frozenset()

    @property
    def delegated_sign_ins(self) -> tuple[SignInProvider, ...]:
        """The providers whose word opens a session, Pro Santé Connect first."""
        psc = self._pro_sante_connect()
        return (*((psc,) if psc else ()), *self.sign_in_providers)

    def _pro_sante_connect(self) -> SignInProvider | None:
        if self.psc_client_id is None or self.psc_client_secret is None:
            return None
        described = f"{self.psc_issuer.rstrip('/')}/.well-known/wallet-openid-configuration"
        return SignInProvider(
            name=PSC_NAME,
            label="Pro Santé Connect",
            issuer=self.psc_issuer,
            discovery=self.psc_discovery or described,
            client_id=self.psc_client_id,
            client_secret=self.psc_client_secret,
            scope=PSC_SCOPE,
            claims=PSC_CLAIMS,
            found_by=FoundBy.RPPS,
            acr_values=(self.psc_acr,),
            is_second_factor=True,
            opens_practitioners=self.psc_opens_practitioners,
        )

    @property
    def strict_identifiers(self) -> bool:
        """True when the key of an identifier is checked besides its form."""
        return self.identifiers is Strictness.STRICT

    @property
    def fhir_client_names(self) -> frozenset[str]:
        """The common names that may call `/fhir` through the proxy."""
        return _by_semicolons(self.fhir_client_cn)

    @property
    def fhir_client_units(self) -> frozenset[str]:
        """The organizational units of which a caller of `/fhir` must have one."""
        return _by_semicolons(self.fhir_client_ou)

    @property
    def recognised_origins(self) -> frozenset[str]:
        """The values of `origin` that say that a visitor comes from the national platform."""
        return frozenset(filter(None, map(str.strip, self.sas_origins.split(","))))

    @property
    def fhir_access_mode(self) -> FhirAccess:
        """Who may call `/fhir`."""
        is_production = self.environment is Environment.PRODUCTION
        return self.fhir_access or (FhirAccess.PROXY if is_production else FhirAccess.LOOPBACK)


_READ_IDENTITIES: Final = REGULATION_ROLES | {Role.COORDINATOR, Role.ADMINISTRATOR, Role.DPO}
"""Who opens identities, or gives others the right to.

Source: CNIL, délibération 2022-100; ANS, PGSSI-S, référentiel d'identification électronique (two factors).
"""


def _by_semicolons(text: str) -> frozenset[str]:
    return frozenset(filter(None, map(str.strip, text.split(";"))))


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process, read once; tests and the command line build their own instead."""
    return Settings()
