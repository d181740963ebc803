"""The box of a demonstration: what would have left is shown to whoever tries the service."""

from __future__ import annotations

from uuid import UUID

import pytest
import sqlalchemy as sa

from snp.notifications import service as outbox
from tests.support import database as support
from tests.support.pages import TUESDAY, Visitor, running_service

pytestmark = pytest.mark.database


def test_the_messages_of_a_demonstration_are_shown_newest_first(
    database_server: sa.URL, worker_name: str
) -> None:
    with (
        support.clone_of_template(database_server, f"{worker_name}_mailbox") as url,
        running_service(url, demo=True) as service,
    ):
        visitor = Visitor(service)
        assert "Aucun message pour l’instant" in visitor.see("/demonstration/messages").text
        for number, text in enumerate(("Premier http://127.0.0.1/rdv/x", "Second <b>")):
            with service.wiring.transaction() as session:
                outbox.keep_demo_letter(
                    session,
                    UUID(int=number),
                    medium="sms",
                    recipient="+33639981001",
                    subject="",
                    text=text,
                    now=TUESDAY.replace(minute=number),
                )
        page = visitor.see("/demonstration/messages")
        assert page.text.index("Second <b>") < page.text.index("Premier")
        assert '<a href="http://127.0.0.1/rdv/x">' in page.html
        assert "06 39 98 10 01" in page.text
        visitor.close()
