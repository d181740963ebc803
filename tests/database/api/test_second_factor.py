"""The sealed secret of a second factor follows a change of keys."""

from __future__ import annotations

from dataclasses import replace

import pyotp
import pytest
from sqlmodel import Session

from api.security import service as security
from api.security.facts import NewAccount
from snp.platform.actors import Role, system
from snp.platform.crypto import Keyring
from snp.platform.keys import Keys
from tests.support.directory import NOW

pytestmark = pytest.mark.database

BY = system("tests")
OLD, NEW = Keyring.generate("k1"), Keyring.generate("k2")


def test_a_code_still_opens_once_the_old_key_is_gone(session: Session) -> None:
    new = NewAccount(login="essai", display_name="Essai", role=Role.ADMINISTRATOR)
    account = security.create_account(session, new, by=BY, now=NOW).id
    keys = Keys(identity=OLD, hashing=Keyring.generate("h1"), session_secret="x" * 48)
    secret = security.new_secret()
    first = pyotp.TOTP(secret).at(NOW)
    assert security.enrol_factor(session, account, secret, first, keys=keys, at=NOW, now=NOW) is not None

    both = replace(keys, identity=Keyring({**NEW.keys, **OLD.keys}))
    assert security.reseal_factors(session, after=None, limit=5, keys=both, by=BY, now=NOW) is None

    only_new = replace(keys, identity=NEW)
    code = pyotp.TOTP(secret).at(NOW, counter_offset=1)
    assert security.prove_factor(session, account, code, keys=only_new, at=NOW, now=NOW)
