"""Hands an e-mail to a mail server, and says what came of it as an outcome of the outbox.

Source: RFC 5321 §4.2.1 (a 4yz reply may be tried again, a 5yz reply may not).
"""

from __future__ import annotations

import re
import smtplib
import ssl
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final
from uuid import UUID

from snp.notifications.facts import Delivered, Outcome, Refused, Retry
from snp.platform.settings import MailSecurity

SECONDS: Final = 20.0
_ADDRESS: Final = re.compile(r"[^\s@<>,;:\"\x00-\x1f]{1,64}@[^\s@<>,;:\"\x00-\x1f]{3,255}")
_FOR_NOW: Final = range(400, 500)


@dataclass(frozen=True, slots=True)
class MailServer:
    """A mail server that sends for us. `sender` is an address, or a name and an address."""

    host: str
    port: int
    sender: str
    security: MailSecurity = MailSecurity.STARTTLS
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    def send(self, ident: UUID, to: str, subject: str, text: str, now: datetime) -> Outcome:
        """Send one message. `ident` makes its Message-ID: sent twice, mail readers can tell."""
        try:
            letter = self._letter(ident, to, subject, text, now)
        except ValueError:
            return Refused("not-an-address")
        try:
            with self._session() as session:
                session.send_message(letter)
        except smtplib.SMTPRecipientsRefused as refused:
            codes = [code for code, _ in refused.recipients.values()]
            return _outcome(codes[0] if codes else 500)
        except smtplib.SMTPAuthenticationError:
            return Retry("smtp-sign-in", channel_down=True)
        except smtplib.SMTPResponseException as answer:
            return _outcome(answer.smtp_code)
        except (smtplib.SMTPException, OSError) as fault:
            return Retry(f"smtp:{type(fault).__name__}", channel_down=True)
        return Delivered()

    def _session(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.security is MailSecurity.TLS:
            session: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=SECONDS, context=context)
        else:
            session = smtplib.SMTP(self.host, self.port, timeout=SECONDS)
        try:
            if self.security is MailSecurity.STARTTLS:
                session.starttls(context=context)
            if self.user:
                session.login(self.user, self.password or "")
        except BaseException:
            session.close()
            raise
        return session

    def _letter(self, ident: UUID, to: str, subject: str, text: str, now: datetime) -> EmailMessage:
        """Raises `ValueError` for an address or a subject that would begin another header."""
        if not _ADDRESS.fullmatch(to):
            raise ValueError("not an address")
        letter = EmailMessage()
        letter["From"], letter["To"], letter["Subject"] = self.sender, to, subject
        letter["Date"] = format_datetime(now)
        domain = self.sender.rsplit("@", 1)[-1].rstrip(">") or self.host
        letter["Message-ID"] = f"<{ident}@{domain}>"
        letter["Auto-Submitted"] = "auto-generated"  # RFC 3834 §5: no automatic reply, please
        letter.set_content(text)
        return letter


def _outcome(code: int) -> Outcome:
    return Retry(f"smtp-{code}") if code in _FOR_NOW else Refused(f"smtp-{code}")
