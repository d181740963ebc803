"""A request from first word to decision, on a real database."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from regulation.facts import Reason
from regulation.intake import service as intake
from regulation.intake.facts import (
    CallerTraits,
    CallPriority,
    Correction,
    Decision,
    Disposition,
    Move,
    MtAnswers,
    MtStatus,
    Origin,
    RequestFilter,
    RequestOrder,
    RequestState,
    ResponseLevel,
    SamePatient,
    Urgency,
)
from regulation.intake.rules import IllegalMove
from snp.errors import Forbidden, InvalidValue, NotFound, VersionMismatch
from snp.platform.actors import Role
from snp.platform.crypto import Keyring
from snp.platform.keys import Keys
from tests.support.regulation import (
    KEYS,
    NIGHT,
    NO_MT,
    NOW,
    Cpts,
    a_cpts,
    a_patient,
    a_snp_decision,
    an_actor,
    at,
)

pytestmark = pytest.mark.database
S = RequestState


@pytest.fixture
def cpts(session: Session) -> Cpts:
    return a_cpts(session)


def audit_lines(session: Session) -> list[sa.Row[tuple[object, ...]]]:
    return list(session.execute(sa.text("SELECT * FROM audit_entry ORDER BY id")))


def test_a_request_is_received_with_a_number_that_tells_nothing(cpts: Cpts):
    first, second = cpts.open().request, cpts.open().request
    assert first.state is S.RECEIVED
    assert first.number.startswith("26-")
    assert len(first.number) == len("26-0001234")
    assert first.number < second.number


def test_an_identity_is_nowhere_in_clear(cpts: Cpts, session: Session):
    patient = a_patient(family_name="Trèsrare", given_name="Prénomrare", phone="06 39 98 76 54")
    cpts.open(patient, note="tousse depuis trois jours", caller=CallerTraits("Voisinrare", "0639987655"))
    for table in ("patient", "request", "request_move", "audit_entry"):
        dump = session.execute(sa.text(f"SELECT coalesce(string_agg(t::text, ''), '') FROM {table} t"))
        text = dump.scalar_one()
        for secret in ("rare", "639987", "tousse"):
            assert secret not in text


def test_the_confidential_part_opens_with_a_reason_and_leaves_a_line(cpts: Cpts, session: Session):
    patient = a_patient(family_name="Le Goff", phone="0639980199")
    view = cpts.open(patient, note=" tousse ", caller=CallerTraits("Jeanne", relation="mère")).request
    part = intake.read_confidential(
        session, view.id, keys=KEYS, why="rappel du patient", by=cpts.osnp, now=NOW
    )
    assert part.identity.traits.family_name == "Le Goff"
    assert part.identity.traits.phone == "+33639980199"
    assert part.caller == CallerTraits("Jeanne", None, "mère")
    assert part.note == "tousse"
    line = audit_lines(session)[-1]
    assert (line.action, line.why, line.actor) == ("read", "rappel du patient", cpts.osnp.ident)
    assert (line.resource_id, line.patient_id) == (view.id, view.patient_id)


def test_a_coordinator_sees_requests_and_never_who_the_patient_is(cpts: Cpts, session: Session):
    view = cpts.open().request
    assert intake.get_request(session, view.id, by=cpts.coordinator, now=NOW).id == view.id
    with pytest.raises(Forbidden):
        intake.read_confidential(session, view.id, keys=KEYS, why="?", by=cpts.coordinator, now=NOW)


def test_a_request_of_another_territory_does_not_exist(cpts: Cpts, session: Session):
    view = cpts.open().request
    stranger = an_actor(Role.OSNP, frozenset({uuid4()}))
    with pytest.raises(NotFound):
        intake.get_request(session, view.id, by=stranger, now=NOW)
    assert intake.list_requests(session, RequestFilter(), by=stranger, now=NOW).items == ()


def test_a_desk_sees_its_own_requests_only(cpts: Cpts, session: Session):
    cpts.open()
    own = cpts.open(origin=Origin.PHARMACY, by=cpts.pharmacy).request
    listed = intake.list_requests(session, RequestFilter(), by=cpts.pharmacy, now=NOW)
    assert [view.id for view in listed.items] == [own.id]
    with pytest.raises(NotFound):
        intake.get_request(session, own.id, by=cpts.nurse, now=NOW)


def test_a_call_needs_a_known_commune_and_territory(cpts: Cpts):
    with pytest.raises(InvalidValue):
        cpts.open(a_patient(insee="99999"))
    with pytest.raises(NotFound):
        cpts.open(by=an_actor(Role.OSNP, frozenset({uuid4()})))


@pytest.mark.parametrize(
    "urgency",
    [Urgency(CallPriority.P0), Urgency(None, ResponseLevel.R1), Urgency(CallPriority.P3, ResponseLevel.R2)],
)
def test_urgency_typed_at_any_step_stops_towards_the_15(cpts: Cpts, session: Session, urgency: Urgency):
    at_once = cpts.open(urgency=urgency)
    asked = cpts.open().request
    at_mt = intake.check_mt(session, asked.id, NO_MT, urgency=urgency, by=cpts.osnp, now=NOW)
    estimated = cpts.open().request
    intake.check_mt(session, estimated.id, NO_MT, by=cpts.osnp, now=NOW)
    at_estimate = intake.estimate_delay(session, estimated.id, 24, urgency=urgency, by=cpts.osnp, now=NOW)
    decided = cpts.open().request
    intake.check_mt(session, decided.id, NO_MT, by=cpts.osnp, now=NOW)
    decision = a_snp_decision(urgency=urgency)
    at_decision = intake.decide(session, decided.id, decision, by=cpts.regulateur, now=NOW)
    for stopped in (at_once, at_mt, at_estimate, at_decision):
        assert stopped.stopped
        assert stopped.request.state is S.ORIENTED
        assert stopped.request.disposition is Disposition.CALL_15
        assert stopped.request.deadline is None
        last = intake.story(session, stopped.request.id, by=cpts.osnp, now=NOW)[-1]
        assert last.move is Move.STOP
        assert last.reasons == stopped.reasons
        assert stopped.reasons


def test_the_mt_who_was_not_called_is_called_first_and_the_request_resumes(cpts: Cpts, session: Session):
    view = cpts.open().request
    waiting = intake.check_mt(session, view.id, MtAnswers(has_mt=True), by=cpts.osnp, now=NOW)
    assert waiting.request.state is S.WAITING_MT
    assert [reason.code for reason in waiting.reasons] == ["call_mt_first"]
    with pytest.raises(IllegalMove):
        intake.estimate_delay(session, view.id, 24, by=cpts.osnp, now=NOW)
    later = at("11:30")
    assert intake.resume(session, view.id, by=cpts.osnp, now=later).request.state is S.RECEIVED
    answers = MtAnswers(has_mt=True, called=True, offered_at=at("9:00", day=6))
    on = intake.check_mt(session, view.id, answers, by=cpts.osnp, now=later)
    assert on.request.state is S.TO_ESTIMATE
    assert on.request.mt_status is MtStatus.TOO_LATE
    story = intake.story(session, view.id, by=cpts.osnp, now=later)
    assert [line.move for line in story] == [Move.OPEN, Move.WAIT_MT, Move.RESUME, Move.CHECK_MT]
    assert {line.author for line in story} == {cpts.osnp.ident}
    assert [line.role for line in story] == ["osnp"] * 4


def test_the_mt_who_can_see_the_patient_gets_him_back(cpts: Cpts, session: Session):
    view = cpts.open().request
    answers = MtAnswers(has_mt=True, called=True, offered_at=at("9:00", day=1))
    done = intake.check_mt(session, view.id, answers, by=cpts.osnp, now=NOW).request
    assert (done.state, done.disposition) == (S.ORIENTED, Disposition.BACK_TO_MT)


def test_advice_closes(cpts: Cpts, session: Session):
    view = cpts.open().request
    intake.check_mt(session, view.id, NO_MT, by=cpts.osnp, now=NOW)
    intake.estimate_delay(session, view.id, 24, by=cpts.osnp, now=NOW)
    advice = Decision(Disposition.ADVICE, Urgency(CallPriority.P3, ResponseLevel.R4))
    done = intake.decide(session, view.id, advice, by=cpts.regulateur, now=NOW).request
    assert (done.state, done.response_level) == (S.CLOSED, ResponseLevel.R4)


def test_a_decision_says_what_the_engine_needs(cpts: Cpts, session: Session):
    view = cpts.open().request
    mt = uuid4()
    answers = MtAnswers(has_mt=True, absent=True, mt_practitioner_id=mt)
    intake.check_mt(session, view.id, answers, by=cpts.osnp, now=NOW)
    intake.estimate_delay(session, view.id, 12, by=cpts.osnp, now=NOW)
    decision = a_snp_decision(delay_h=None, not_before=at("14:00"))
    seeking = intake.decide(session, view.id, decision, by=cpts.regulateur, now=NOW).request
    assert seeking.state is S.SEEKING
    assert (seeking.earliest, seeking.deadline) == (at("14:00"), NOW + timedelta(hours=12))
    assert seeking.excluded_practitioner_ids == {mt}
    assert seeking.max_km == cpts.territory.settings.default_max_km
    assert seeking.professions == {"medecin_generaliste"}


def test_outside_snp_hours_the_call_is_told_the_pdsa(cpts: Cpts, session: Session):
    opened = cpts.open(now=NIGHT)
    assert [reason.code for reason in opened.reasons] == ["outside_snp_hours"]
    assert opened.request.state is S.RECEIVED
    intake.check_mt(session, opened.request.id, NO_MT, by=cpts.osnp, now=NIGHT)
    done = intake.decide(session, opened.request.id, a_snp_decision(), by=cpts.regulateur, now=NIGHT)
    assert (done.request.state, done.request.disposition) == (S.ORIENTED, Disposition.PDSA)
    assert [reason.code for reason in done.reasons] == ["outside_snp_hours"]


def test_a_need_that_can_wait_for_the_morning_seeks_a_slot(cpts: Cpts, session: Session):
    view = cpts.open(now=NIGHT).request
    intake.check_mt(session, view.id, NO_MT, by=cpts.osnp, now=NIGHT)
    decision = a_snp_decision(can_wait=True, delay_h=24)
    done = intake.decide(session, view.id, decision, by=cpts.regulateur, now=NIGHT)
    assert done.request.state is S.SEEKING
    assert [reason.code for reason in done.reasons] == ["can_wait"]


def test_a_delay_that_ends_before_the_morning_cannot_wait(cpts: Cpts, session: Session):
    view = cpts.open(now=NIGHT).request
    intake.check_mt(session, view.id, NO_MT, by=cpts.osnp, now=NIGHT)
    decision = a_snp_decision(can_wait=True, delay_h=6)
    done = intake.decide(session, view.id, decision, by=cpts.regulateur, now=NIGHT).request
    assert done.disposition is Disposition.PDSA


def test_the_same_patient_twice_is_shown_and_does_not_block(cpts: Cpts):
    patient = a_patient(family_name="Duval", phone="0639981001")
    first = cpts.open(patient, reason="fever").request
    again = cpts.open(a_patient(family_name="DUVAL", phone="+33 6 39 98 10 01"), reason="fever")
    assert again.request.state is S.RECEIVED
    (found,) = again.duplicates
    assert (found.request.id, found.same, found.same_need) == (first.id, SamePatient.PERSON_AND_PHONE, True)
    assert again.request.patient_id == first.patient_id


def test_a_relative_on_the_same_phone_is_shown_as_such(cpts: Cpts):
    cpts.open(a_patient(given_name="Jeanne", phone="0639981002"), reason="fever")
    (found,) = cpts.open(a_patient(given_name="Paul", phone="0639981002"), reason="cough").duplicates
    assert (found.same, found.same_need) == (SamePatient.PHONE, False)


def test_homonyms_with_another_phone_stay_two_patients(cpts: Cpts):
    first = cpts.open(a_patient(family_name="Martin", phone="0639981003")).request
    second = cpts.open(a_patient(family_name="Martin", phone="0639981004"))
    assert second.duplicates[0].same is SamePatient.PERSON
    assert second.request.patient_id != first.patient_id


def test_an_old_closed_request_is_no_duplicate(cpts: Cpts, session: Session):
    patient = a_patient(family_name="Ancien", phone="0639981005")
    before = NOW - timedelta(days=8)
    old = cpts.open(patient, now=before).request
    intake.check_mt(session, old.id, NO_MT, by=cpts.osnp, now=before)
    intake.decide(session, old.id, Decision(Disposition.ADVICE), by=cpts.regulateur, now=before)
    assert cpts.open(patient).duplicates == ()


def test_a_patient_of_another_territory_is_not_searched(cpts: Cpts, session: Session):
    patient = a_patient(family_name="Voisin", phone="0639981006")
    cpts.open(patient)
    other = a_cpts(session, "terres-de-montaigu")
    assert other.open(patient).duplicates == ()


def test_a_search_for_the_same_patient_is_audited(cpts: Cpts, session: Session):
    patient = a_patient(phone="0639981007")
    view = cpts.open(patient).request
    found = intake.find_duplicates(session, cpts.territory.id, patient, keys=KEYS, by=cpts.osnp, now=NOW)
    assert [duplicate.request.id for duplicate in found] == [view.id]
    assert audit_lines(session)[-1].action == "search"


def test_who_read_an_older_version_must_read_again(cpts: Cpts, session: Session):
    view = cpts.open().request
    intake.check_mt(session, view.id, NO_MT, version=view.version, by=cpts.osnp, now=NOW)
    with pytest.raises(VersionMismatch):
        intake.estimate_delay(session, view.id, 24, version=view.version, by=cpts.osnp, now=NOW)


def test_a_correction_is_told_by_its_fields_never_by_what_they_held(cpts: Cpts, session: Session):
    view = cpts.open(a_patient(phone="0639981008")).request
    correction = Correction(
        patient=a_patient(family_name="Corrigé", phone="0639981009", insee="44012"), reason="fever", note="x"
    )
    fixed = intake.correct(
        session, view.id, correction, keys=KEYS, why="erreur de saisie", by=cpts.osnp, now=NOW
    ).request
    assert (fixed.reason, fixed.insee, fixed.state) == ("fever", "44012", S.RECEIVED)
    part = intake.read_confidential(session, view.id, keys=KEYS, why="relecture", by=cpts.osnp, now=NOW)
    assert part.identity.traits.family_name == "Corrigé"
    last = intake.story(session, view.id, by=cpts.osnp, now=NOW)[-1]
    assert (last.move, last.data) == (Move.CORRECT, {"fields": ["note", "patient", "reason"]})


def test_a_final_request_is_not_corrected(cpts: Cpts, session: Session):
    stopped = cpts.open(urgency=Urgency(CallPriority.P0)).request
    with pytest.raises(IllegalMove):
        intake.correct(
            session, stopped.id, Correction(reason="fever"), keys=KEYS, why="x", by=cpts.osnp, now=NOW
        )


def test_orienting_says_where_and_why(cpts: Cpts, session: Session):
    view = cpts.open().request
    why = Reason("social", "Adressé à l’assistante sociale.", "Régulation du territoire")
    done = intake.orient(session, view.id, Disposition.TRANSPORT, why, by=cpts.regulateur, now=NOW)
    assert (done.request.state, done.reasons) == (S.ORIENTED, (why,))


def test_the_queue_runs_by_deadline_and_pages_without_a_gap(cpts: Cpts, session: Session):
    undated = cpts.open().request
    delays = [48, 6, 24, 12, 6]
    made = [cpts.seeking(delay_h=delay) for delay in delays]
    expected = [view.id for view in sorted(made, key=lambda view: (view.deadline, view.id))] + [undated.id]
    seen, cursor = [], None
    while True:
        page = intake.list_requests(session, RequestFilter(), cursor=cursor, limit=2, by=cpts.osnp, now=NOW)
        seen += [view.id for view in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == expected


def test_lists_are_filtered_and_newest_first_on_demand(cpts: Cpts, session: Session):
    received = cpts.open().request
    seeking = cpts.seeking()
    wanted = RequestFilter(states=frozenset({S.SEEKING}))
    assert [v.id for v in intake.list_requests(session, wanted, by=cpts.osnp, now=NOW).items] == [seeking.id]
    newest = RequestFilter(order=RequestOrder.NEWEST, territory_id=cpts.territory.id)
    page = intake.list_requests(session, newest, limit=1, by=cpts.osnp, now=NOW)
    assert [view.id for view in page.items] == [seeking.id]
    page = intake.list_requests(session, newest, limit=1, cursor=page.next_cursor, by=cpts.osnp, now=NOW)
    assert [view.id for view in page.items] == [received.id]


@pytest.mark.parametrize("cursor", ["nonsense", "WyJhIiwiYiJd", "WyJpbmZpbml0eSIsIngiXQ"])
def test_a_foreign_cursor_is_refused(cpts: Cpts, session: Session, cursor: str):
    with pytest.raises(InvalidValue):
        intake.list_requests(session, RequestFilter(), cursor=cursor, by=cpts.osnp, now=NOW)


def test_a_queue_of_identities_leaves_a_line_each(cpts: Cpts, session: Session):
    views = [cpts.open().request for _ in range(3)]
    before = len(audit_lines(session))
    opened = intake.read_identities(
        session, [view.id for view in views], keys=KEYS, why="file d’attente", by=cpts.osnp, now=NOW
    )
    assert opened.keys() == {view.id for view in views}
    assert len(audit_lines(session)) == before + 3


def test_the_audit_cannot_be_rewritten(cpts: Cpts, session: Session):
    cpts.open()
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        session.execute(sa.text("UPDATE audit_entry SET why = 'x'"))


def test_a_household_is_joined_by_its_two_requests(cpts: Cpts):
    first = cpts.seeking()
    second = cpts.seeking(household_with=first.id)
    assert second.household_id is not None
    again = cpts.seeking(household_with=first.id)
    assert again.household_id == second.household_id


def test_a_request_does_not_join_a_finished_one(cpts: Cpts):
    gone = cpts.open(urgency=Urgency(CallPriority.P0)).request
    with pytest.raises(InvalidValue):
        cpts.seeking(household_with=gone.id)


def test_identities_follow_the_keys(cpts: Cpts, session: Session):
    patient = a_patient(family_name="Rotation", phone="0639981010")
    view = cpts.open(patient, note="note", caller=CallerTraits("Jeanne")).request
    turned = Keys(
        identity=Keyring({"k2": b"j" * 32, **KEYS.identity.keys}),
        hashing=Keyring({"h2": b"g" * 32, **KEYS.hashing.keys}),
        session_secret="not used",
    )
    found = intake.find_duplicates(
        session, cpts.territory.id, a_patient(family_name="Rotation"), keys=turned, by=cpts.osnp, now=NOW
    )
    assert found, "found under the old key while rows are still to be brought over"
    done = None
    while (
        step := intake.reseal_identities(session, after=done, limit=1, keys=turned, by=cpts.job, now=NOW)
    ) is not None:
        done = step
    alone = Keys(
        identity=Keyring({"k2": b"j" * 32}), hashing=Keyring({"h2": b"g" * 32}), session_secret="not used"
    )
    part = intake.read_confidential(session, view.id, keys=alone, why="relecture", by=cpts.osnp, now=NOW)
    assert (part.identity.traits.family_name, part.note) == ("Rotation", "note")
    assert part.caller == CallerTraits("Jeanne")
    found = intake.find_duplicates(
        session, cpts.territory.id, a_patient(family_name="Rotation"), keys=alone, by=cpts.osnp, now=NOW
    )
    assert [duplicate.request.id for duplicate in found] == [view.id]


def test_a_birth_date_in_the_future_is_refused_in_local_days(cpts: Cpts):
    with pytest.raises(InvalidValue):
        cpts.open(a_patient(birth_date=date(2026, 11, 25)))
