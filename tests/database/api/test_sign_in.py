"""Signing in: the right password opens, five wrong ones close for a while, a session ends when told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session

from api.security import service as security
from api.security.facts import Browser, FactorDue, NewAccount, SignedIn, SignInFault, SignInRefused
from snp.errors import NotFound
from snp.platform.actors import Role, system
from snp.platform.crypto import Keyring
from snp.platform.keys import Keys
from tests.support.directory import NOW, a_practitioner, a_territory

BY = system("tests")
PASSWORD = "un mot de passe long"
DAY = timedelta(hours=10)
KEYS = Keys(identity=Keyring.generate("k1"), hashing=Keyring.generate("h1"), session_secret="x" * 48)


def an_account(session: Session, login: str = "essai", **details: Any) -> None:
    new = NewAccount(
        login=login,
        display_name="Essai",
        role=details.pop("role", Role.ADMINISTRATOR),
        password=PASSWORD,
        **details,
    )
    security.create_account(session, new, by=BY, now=NOW)


def sign_in(
    session: Session, password: str = PASSWORD, *, minutes: int = 0, login: str = "essai"
) -> SignedIn | SignInRefused:
    answer = security.sign_in(
        session, login, password, now=NOW + timedelta(minutes=minutes), browser=Browser(DAY), keys=KEYS
    )
    assert not isinstance(answer, FactorDue)
    return answer


def opened(session: Session) -> SignedIn:
    outcome = sign_in(session)
    assert isinstance(outcome, SignedIn)
    return outcome


def test_the_right_password_opens_a_session(session: Session) -> None:
    an_account(session)

    outcome = opened(session)

    resumed = security.resume(session, outcome.token, now=NOW + timedelta(hours=9))
    assert resumed is not None
    assert resumed.actor.role is Role.ADMINISTRATOR
    assert security.resume(session, outcome.token, now=NOW + DAY) is None


def test_a_wrong_password_and_an_unknown_login_get_one_answer(session: Session) -> None:
    an_account(session)

    wrong = sign_in(session, "un autre mot de passe")
    unknown = sign_in(session, login="personne")

    assert wrong == unknown == SignInRefused(SignInFault.WRONG, "Identifiant ou mot de passe incorrect.")


def test_five_failures_close_the_door_even_to_the_right_password(session: Session) -> None:
    an_account(session)
    outcomes = [sign_in(session, "faux mot de passe") for _ in range(5)]

    assert isinstance(outcomes[-1], SignInRefused)
    assert outcomes[-1].fault is SignInFault.LOCKED
    closed = sign_in(session)
    assert isinstance(closed, SignInRefused)
    assert "1 min" in closed.sentence


def test_the_door_of_a_login_that_nobody_has_closes_and_opens_like_any_other(session: Session) -> None:
    an_account(session)
    tries = [(minute, "faux mot de passe") for minute in (0, 0, 0, 0, 0, 0, 1, 2, 2, 60 * 24 * 20)]

    known = [sign_in(session, typed, minutes=minute) for minute, typed in tries]
    unknown = [sign_in(session, typed, minutes=minute, login="personne") for minute, typed in tries]

    assert unknown == known
    assert {one.fault for one in unknown[4:]} == {SignInFault.LOCKED}


def test_the_door_opens_again_and_a_success_forgets_the_failures(session: Session) -> None:
    an_account(session)
    for _ in range(5):
        sign_in(session, "faux mot de passe")

    assert isinstance(sign_in(session, minutes=2), SignedIn)

    again = sign_in(session, "faux mot de passe", minutes=3)
    assert isinstance(again, SignInRefused)
    assert again.fault is SignInFault.WRONG


def test_a_closed_account_is_told_so_only_to_who_knows_its_password(session: Session) -> None:
    an_account(session)
    account = security.find_account(session, "essai")
    assert account is not None
    security.set_active(session, account.id, False, by=BY, now=NOW)

    known, unknown = sign_in(session), sign_in(session, "faux mot de passe")

    assert isinstance(known, SignInRefused)
    assert isinstance(unknown, SignInRefused)
    assert (known.fault, unknown.fault) == (SignInFault.INACTIVE, SignInFault.WRONG)


def test_a_rotated_session_leaves_its_old_token_dead(session: Session) -> None:
    an_account(session)
    first = opened(session)

    second = security.rotate(session, first.token, now=NOW)

    assert second is not None
    assert security.resume(session, first.token, now=NOW) is None
    assert security.resume(session, second.token, now=NOW) is not None


def test_signing_out_ends_the_session_and_an_unknown_token_is_no_fault(session: Session) -> None:
    an_account(session)
    outcome = opened(session)

    security.sign_out(session, outcome.token, now=NOW)
    security.sign_out(session, "nothing", now=NOW)

    assert security.resume(session, outcome.token, now=NOW) is None


def test_a_new_password_ends_every_session(session: Session) -> None:
    an_account(session)
    outcome = opened(session)

    security.set_password(session, outcome.account.id, "un autre bien long", by=BY, now=NOW)

    assert security.resume(session, outcome.token, now=NOW) is None
    assert isinstance(sign_in(session, "un autre bien long"), SignedIn)


def test_a_delegate_of_two_chooses_whose_agenda(session: Session) -> None:
    territory = a_territory(session)
    first, second = (a_practitioner(session, member_of=(territory.id,)) for _ in range(2))
    an_account(session, role=Role.DELEGATE)
    outcome = opened(session)
    for practitioner in (first, second):
        security.grant_delegation(
            session, account_id=outcome.account.id, practitioner_id=practitioner.id, by=BY, now=NOW
        )
    resumed = security.resume(session, outcome.token, now=NOW)
    assert resumed is not None
    assert resumed.actor.practitioner is None

    chosen = security.act_for(session, outcome.token, second.id, now=NOW)

    assert chosen.actor.practitioner == second.id
    assert chosen.actor.territories == {territory.id}
    with pytest.raises(NotFound):
        security.act_for(session, outcome.token, territory.id, now=NOW)


def test_over_sessions_are_forgotten(session: Session) -> None:
    an_account(session)
    outcome = opened(session)
    security.sign_out(session, outcome.token, now=NOW)
    opened(session)

    assert security.prune_sessions(session, before=NOW) == 0
    assert security.prune_sessions(session, before=NOW + timedelta(hours=1)) == 1
