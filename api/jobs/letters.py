"""The channels of messages to people: e-mail and SMS through their servers, or the demonstration's box."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from api.security import account_letters
from api.wiring import Wiring
from regulation.messages import service as messages
from regulation.messages.facts import Letter, Medium
from snp.notifications import service as outbox
from snp.notifications.channels import Channel, Sending
from snp.notifications.facts import Delivered, Message, Outcome, Unneeded
from snp.notifications.sms_client import SmsGateway
from snp.notifications.smtp_client import MailServer
from snp.platform.settings import Settings

Writer = Callable[[Session, Message, datetime], Letter | Unneeded]
"""Writes the letter of a queued message as it leaves, or says why there is none."""


@dataclass(frozen=True)
class Letters:
    """One medium through one server."""

    medium: Medium
    write: Writer
    post: Callable[[Message, Letter, datetime], Outcome]
    width: int = 2

    @property
    def name(self) -> str:
        """What the log calls it."""
        return self.medium.value

    @property
    def topics(self) -> frozenset[str]:
        """The topic that it sends."""
        return frozenset({self.medium.value})

    def prepare(self, session: Session, message: Message, now: datetime) -> Sending | Outcome:
        """Write the letter; it is sent after the transaction."""
        letter = self.write(session, message, now)
        if isinstance(letter, Unneeded):
            return letter
        return lambda: self.post(message, letter, now)


@dataclass(frozen=True)
class DemoMailbox:
    """What the demonstration does with messages: keeps them to be looked at."""

    medium: Medium
    write: Writer
    width: int = 1

    @property
    def name(self) -> str:
        """What the log calls it."""
        return f"demo-{self.medium.value}"

    @property
    def topics(self) -> frozenset[str]:
        """The topic that it keeps."""
        return frozenset({self.medium.value})

    def prepare(self, session: Session, message: Message, now: datetime) -> Sending | Outcome:
        """Write the letter and keep it, in one transaction."""
        letter = self.write(session, message, now)
        if isinstance(letter, Unneeded):
            return letter
        outbox.keep_demo_letter(
            session,
            message.id,
            medium=letter.medium,
            recipient=letter.to,
            subject=letter.subject,
            text=letter.text,
            now=now,
        )
        return Delivered()


def by_mail(server: MailServer) -> Callable[[Message, Letter, datetime], Outcome]:
    """Return how an e-mail is handed to a mail server."""
    return lambda message, letter, now: server.send(message.id, letter.to, letter.subject, letter.text, now)


def by_sms(gateway: SmsGateway) -> Callable[[Message, Letter, datetime], Outcome]:
    """Return how a text is handed to a gateway."""
    return lambda message, letter, _now: gateway.send(message.id, letter.to, letter.text)


def writer_of(wiring: Wiring) -> Writer:
    """Return who writes letters: of care below, of accounts here at the doors."""
    settings = wiring.settings
    desk = messages.Desk(wiring.keys, address_of(settings))
    labels = {one.issuer: one.label for one in settings.delegated_sign_ins}

    def write(session: Session, message: Message, now: datetime) -> Letter | Unneeded:
        if account_letters.is_of_account(message):
            return account_letters.compose(session, message, address=desk.address, labels=labels, now=now)
        return messages.compose(session, message, desk, now)

    return write


def letter_channels(wiring: Wiring) -> Iterator[Channel]:
    """Yield what carries messages to people: the servers that the settings name, or a demonstration's box."""
    settings = wiring.settings
    write = writer_of(wiring)
    if settings.smtp_host is not None:
        password = settings.smtp_password
        server = MailServer(
            host=settings.smtp_host,
            port=settings.smtp_port,
            sender=settings.smtp_sender,
            security=settings.smtp_security,
            user=settings.smtp_user,
            password=password.get_secret_value() if password else None,
        )
        yield Letters(Medium.EMAIL, write, by_mail(server))
    elif settings.demo:
        yield DemoMailbox(Medium.EMAIL, write)
    if settings.sms_url is not None:
        token = settings.sms_token.get_secret_value() if settings.sms_token else None
        yield Letters(Medium.SMS, write, by_sms(SmsGateway(settings.sms_url, settings.sms_sender, token)))
    elif settings.demo:
        yield DemoMailbox(Medium.SMS, write)


def address_of(settings: Settings) -> str:
    """Return the address that links in messages begin with."""
    return (settings.public_url or f"http://{settings.host}:{settings.port}").rstrip("/")
