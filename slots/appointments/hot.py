"""The statements of a booking, made once; `repository` sends them and knows what they mean."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from slots.appointments.facts import AppointmentStatusKind
from slots.appointments.statements import appointment, appointment_status, hold
from snp.platform.fixed import Fixed, a_text, a_uuid, an_instant, any_uuid

_FRESH: Final = AppointmentStatusKind.BOOKED.value
_NO_EXPIRY: Final = sa.cast(sa.null(), sa.DateTime(timezone=True))


def _claims() -> sa.CompoundSelect[Any]:
    held = sa.select(hold.c.id, hold.c.slot_id, hold.c.request_id, hold.c.territory_id, hold.c.expires_at)
    held = held.where(hold.c.slot_id == any_uuid("slot_ids"), hold.c.ended_at.is_(None))
    a = appointment.c
    taken = sa.select(a.id, a.slot_id, a.request_id, a.territory_id, _NO_EXPIRY.label("expires_at"))
    return sa.union_all(held, taken.where(a.slot_id == any_uuid("slot_ids"), a.live)).order_by("slot_id")


def _insert_hold() -> Any:
    written = insert(hold).values(
        id=a_uuid("id"),
        bundle_id=a_uuid("bundle_id"),
        slot_id=a_uuid("slot_id"),
        request_id=a_uuid("request_id"),
        territory_id=a_uuid("territory_id"),
        session_no=sa.bindparam("session_no", type_=sa.Integer()),
        created_at=an_instant("created_at"),
        created_by=a_text("created_by"),
        expires_at=an_instant("expires_at"),
        sharing_id=a_uuid("sharing_id"),
    )
    return written.on_conflict_do_nothing(
        index_elements=["slot_id"], index_where=hold.c.ended_at.is_(None)
    ).returning(hold.c.id)


def _book() -> sa.Select[Any]:
    """The appointment and the first line of its story: neither is there without the other."""
    written = (
        sa.insert(appointment)
        .values(
            id=a_uuid("id"),
            slot_id=a_uuid("slot_id"),
            request_id=a_uuid("request_id"),
            practitioner_id=a_uuid("practitioner_id"),
            site_id=a_uuid("site_id"),
            territory_id=a_uuid("territory_id"),
            organisation_id=a_uuid("organisation_id"),
            session_no=sa.bindparam("session_no", type_=sa.Integer()),
            start_at=an_instant("start_at"),
            end_at=an_instant("end_at"),
            mode=a_text("mode"),
            live=sa.true(),
            status=sa.literal(_FRESH, sa.Text()),
            code_hash=sa.bindparam("code_hash", type_=sa.LargeBinary()),
            replaces_id=a_uuid("replaces_id"),
            sharing_id=a_uuid("sharing_id"),
            created_at=an_instant("at"),
            created_by=a_text("author"),
        )
        .returning(appointment.c.id)
        .cte("written")
    )
    told = (
        sa.insert(appointment_status)
        .values(
            id=a_uuid("status_id"),
            appointment_id=a_uuid("id"),
            status=sa.literal(_FRESH, sa.Text()),
            at=an_instant("at"),
            author=a_text("author"),
            reason=a_text("reason"),
        )
        .cte("told")
    )
    return sa.select(written.c.id).add_cte(told)


OF_BUNDLE: Final = Fixed(
    sa.select(hold).where(hold.c.bundle_id == a_uuid("bundle_id")).order_by(hold.c.session_no, hold.c.id)
)
RUNNING: Final = Fixed(
    sa.select(hold)
    .where(hold.c.slot_id == any_uuid("slot_ids"), hold.c.ended_at.is_(None))
    .order_by(hold.c.slot_id)
)
CLAIMS: Final = Fixed(_claims())
INSERT_HOLD: Final = Fixed(_insert_hold())
END: Final = Fixed(
    sa.update(hold)
    .where(hold.c.id == any_uuid("ids"), hold.c.ended_at.is_(None))
    .values(ended_at=an_instant("ended_at"), ended_as=sa.cast(a_text("ended_as"), sa.Text()))
)
BOOK: Final = Fixed(_book())
OF_IDS: Final = Fixed(sa.select(appointment).where(appointment.c.id == any_uuid("ids")))
