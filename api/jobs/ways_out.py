"""The ways out of this service: which channel sends which topic, made from the settings. One row each."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping

from api.fhir.appointments import SasAppointments
from api.jobs.letters import letter_channels
from api.jobs.webhooks import splitter_of, webhooks
from api.wiring import Wiring
from regulation.messages import service as messages
from snp.notifications.channels import Channel, Splitter, UnusableChannel, WaysOut
from snp.notifications.sas_client import SasClient, client_tls
from snp.platform.settings import Settings


def ways_out(wiring: Wiring) -> WaysOut:
    """Return the channels and splitters that the settings connect. Raises `UnusableChannel`."""
    return WaysOut(tuple(_channels(wiring)), _splitters(wiring.settings))


def _channels(wiring: Wiring) -> Iterator[Channel]:
    settings = wiring.settings
    if settings.sas_url is not None:
        yield _sas(settings, settings.sas_url)
    yield from letter_channels(wiring)
    if settings.webhooks:
        yield webhooks(settings.webhooks)


def _splitters(settings: Settings) -> Mapping[str, tuple[Splitter, ...]]:
    splitters: dict[str, list[Splitter]] = {
        "appointment.booked": [messages.booked],
        "appointment.moved": [messages.moved],
        "appointment.cancelled": [messages.cancelled],
        "physio.sheet_finished": [messages.sheet_finished],
        "physio.sheet_missing": [messages.sheet_missing],
        "physio.pass_proposed": [messages.offered],
        "physio.pass_answered": [messages.offer_answered],
        "rota.swap_proposed": [messages.swap_proposed],
        "rota.swap_answered": [messages.swap_answered],
        "rota.offer_answered": [messages.rota_offer_answered],
        "rota.turns_changed": [messages.turns_changed],
    }
    for listener in settings.webhooks:
        for event in listener.events:
            splitters.setdefault(event, []).append(splitter_of(listener))
    return {event: tuple(found) for event, found in splitters.items()}


def _sas(settings: Settings, url: str) -> SasAppointments:
    certificate, key, system = (
        settings.sas_client_certificate,
        settings.sas_client_key,
        settings.sas_appointment_system,
    )
    if certificate is None or key is None or system is None:
        raise UnusableChannel(
            "SNP_SAS_URL demande aussi SNP_SAS_CLIENT_CERTIFICATE, SNP_SAS_CLIENT_KEY et"
            " SNP_SAS_APPOINTMENT_SYSTEM"
        )
    if settings.outbox_lease_seconds < 2 * settings.sas_timeout_seconds:
        raise UnusableChannel("SNP_OUTBOX_LEASE_SECONDS doit dépasser deux fois SNP_SAS_TIMEOUT_SECONDS")
    password = settings.sas_client_key_password
    try:
        tls = client_tls(
            certificate=certificate,
            key=key,
            password=password.get_secret_value() if password else None,
            ca=settings.sas_ca,
        )
    except (OSError, ssl.SSLError) as fault:
        raise UnusableChannel(
            "le certificat client du SAS, sa clé (ou son mot de passe) ou SNP_SAS_CA ne se lisent pas"
        ) from fault
    return SasAppointments(SasClient(url, tls, timeout_seconds=settings.sas_timeout_seconds), system)
