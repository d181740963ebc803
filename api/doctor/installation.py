"""What can be judged without the database: settings, keys, disk, certificates, time zone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509

from api.doctor.facts import Finding, mend, watch, well
from snp.days import PARIS
from snp.platform.keys import KEY_FILE, MissingKeys, load_keys
from snp.platform.settings import Environment, FhirAccess, MailSecurity, Settings

_GIGA: Final = 1_000_000_000
LITTLE_DISK: Final = 2 * _GIGA
CERTIFICATE_SOON: Final = timedelta(days=30)


def look(settings: Settings, *, now: datetime) -> Iterator[Finding]:
    """Judge settings, keys, disk, certificates and the zone of local hours."""
    yield _environment(settings)
    yield _public_url(settings)
    yield _keys(settings)
    yield _disk(settings.data_dir)
    yield _zone(now)
    yield from _channels(settings)
    yield from _certificate(settings, now)
    yield _metrics(settings)
    yield _archive(settings)


def _environment(settings: Settings) -> Finding:
    what = "Environnement"
    if settings.environment is not Environment.PRODUCTION:
        return watch(what, settings.environment, "en service réel : SNP_ENVIRONMENT=production")
    if settings.demo:
        return mend(what, "production avec démonstration", "SNP_DEMO=false : des gens inventés y sont mêlés")
    return well(what, settings.environment)


def _public_url(settings: Settings) -> Finding:
    what = "Adresse publique"
    url = settings.public_url
    if url and url.startswith("https://"):
        return well(what, url)
    if settings.environment is Environment.PRODUCTION:
        return mend(what, url or "absente", "SNP_PUBLIC_URL doit être l’adresse https que voient les gens")
    return watch(what, url or "absente", "les liens des messages mènent à cette machine")


def _keys(settings: Settings) -> Finding:
    what = "Clés d’identité"
    try:
        keys = load_keys(settings)
    except (MissingKeys, ValueError) as error:
        return mend(what, str(error), "sans clés, aucune identité ne s’ouvre")
    names = ", ".join(keys.identity.keys)
    if settings.identity_keys is None:
        place = settings.data_dir / KEY_FILE
        return watch(what, f"{names} ({place})", "gardez une copie de ce fichier ailleurs que la sauvegarde")
    return well(what, names)


def _disk(place: Path) -> Finding:
    what = "Place sur le disque"
    existing = next(one for one in (place, *place.parents) if one.exists())
    free = shutil.disk_usage(existing).free
    seen = f"{free / _GIGA:.1f} Go libres"
    if free < LITTLE_DISK // 10:
        return mend(what, seen, "la base de données va s’arrêter d’écrire")
    return watch(what, seen, "prévoyez de la place") if free < LITTLE_DISK else well(what, seen)


def _zone(now: datetime) -> Finding:
    what = "Heure locale"
    if datetime(now.year, 7, 1, tzinfo=PARIS).utcoffset() != timedelta(hours=2):
        return mend(what, "sans heure d’été", "les données de fuseaux manquent : réinstallez tzdata")
    return well(what, "Europe/Paris")


def _channels(settings: Settings) -> Iterator[Finding]:
    if settings.smtp_host is None:
        yield watch("Courriels", "aucun serveur", "SNP_SMTP_HOST : sans lui, aucun courriel ne part")
    elif settings.smtp_security is MailSecurity.NONE and settings.smtp_host not in {"localhost", "127.0.0.1"}:
        yield mend("Courriels", "sans chiffrement", "SNP_SMTP_SECURITY=starttls ou tls")
    else:
        yield well("Courriels", settings.smtp_host)
    if settings.sms_url is None:
        yield watch("SMS", "aucune passerelle", "SNP_SMS_URL : sans elle, aucun SMS ne part")
    else:
        yield well("SMS", "passerelle réglée")
    what, mode = "Porte de la plateforme SAS", settings.fhir_access_mode
    if mode is FhirAccess.PROXY and not (settings.proxy_secret and settings.fhir_client_names):
        yield mend(what, "personne n’entre", "SNP_PROXY_SECRET et SNP_FHIR_CLIENT_CN (voir le guide SAS)")
    else:
        yield well(what, mode)


def _certificate(settings: Settings, now: datetime) -> Iterator[Finding]:
    path = settings.sas_client_certificate
    if path is None:
        return
    what = "Certificat vers la plateforme"
    try:
        ends = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
    except (OSError, ValueError) as error:
        yield mend(what, f"illisible ({type(error).__name__})", f"vérifiez {path}")
        return
    seen = f"valable jusqu’au {ends:%d/%m/%Y}"
    if ends <= now:
        yield mend(what, seen, "renouvelez-le : plus rien ne part vers la plateforme")
    elif ends <= now + CERTIFICATE_SOON:
        yield watch(what, seen, "renouvelez-le")
    else:
        yield well(what, seen)


def _metrics(settings: Settings) -> Finding:
    if settings.metrics_token is None:
        return well("Mesures", "/metrics pour cette machine seule")
    return well("Mesures", "/metrics par jeton")


def _archive(settings: Settings) -> Finding:
    what = "Archive du journal"
    if settings.database_url is not None:
        return watch(what, "serveur à vous", "son administrateur archive et sauvegarde")
    if settings.postgres_archive is None:
        return watch(what, "aucune", "SNP_POSTGRES_ARCHIVE permet de revenir à tout instant")
    return well(what, str(settings.postgres_archive))
