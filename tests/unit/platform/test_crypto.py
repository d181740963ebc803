"""Sealed identities open only where they were sealed, and survive a change of key."""

from __future__ import annotations

import base64

import pytest

from snp.platform.crypto import Cipher, Keyring, TamperedEnvelope, UnknownKey, key_name

OLD = Keyring({"k1": bytes(range(32))})
NEW = Keyring({"k2": bytes(range(32, 64)), **OLD.keys})


def test_a_sealed_text_opens_in_its_place():
    envelope = Cipher(OLD).seal("Zoé Le Goff".encode(), context="patient:1")
    assert Cipher(OLD).open(envelope, context="patient:1").decode() == "Zoé Le Goff"
    assert b"Goff" not in envelope


def test_the_same_text_never_looks_the_same_twice():
    cipher = Cipher(OLD)
    assert cipher.seal(b"x", context="c") != cipher.seal(b"x", context="c")


def test_an_envelope_copied_into_another_row_does_not_open():
    envelope = Cipher(OLD).seal(b"secret", context="patient:1")
    with pytest.raises(TamperedEnvelope):
        Cipher(OLD).open(envelope, context="patient:2")


def test_no_byte_of_an_envelope_can_be_changed():
    envelope = Cipher(OLD).seal(b"secret", context="c")
    for place in range(len(envelope)):
        changed = bytearray(envelope)
        changed[place] ^= 1
        with pytest.raises((TamperedEnvelope, UnknownKey)):
            Cipher(OLD).open(bytes(changed), context="c")


@pytest.mark.parametrize(
    "junk", [b"", b"\x01", b"\x02\x02k1", b"\x01\xff" + b"k" * 40, b"\x01\x02\xff\xff" + b"x" * 40]
)
def test_junk_is_no_envelope(junk: bytes):
    with pytest.raises(TamperedEnvelope):
        Cipher(OLD).open(junk, context="c")


def test_a_new_key_writes_and_the_old_one_still_reads():
    old, new = Cipher(OLD), Cipher(NEW)
    envelope = old.seal(b"secret", context="c")
    assert new.open(envelope, context="c") == b"secret"
    assert new.is_stale(envelope)
    renewed = new.reseal(envelope, context="c")
    assert key_name(renewed) == "k2"
    assert not new.is_stale(renewed)
    assert new.reseal(renewed, context="c") is renewed


def test_a_forgotten_key_is_named():
    envelope = Cipher(NEW).seal(b"secret", context="c")
    with pytest.raises(UnknownKey, match="k2"):
        Cipher(OLD).open(envelope, context="c")


def test_keys_are_read_as_they_are_written():
    assert Keyring.parse(NEW.format()) == NEW
    assert Keyring.parse(NEW.format()).current == "k2"


def test_a_ring_does_not_print_its_keys():
    encoded = NEW.format().split(":")[1][:10]
    assert encoded not in repr(NEW)
    assert "bytes" not in repr(NEW)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "at least one"),
        ("k1:???", "not base64"),
        ("k1:" + base64.b64encode(b"short").decode(), "32 bytes"),
        (OLD.format() + "," + OLD.format(), "twice"),
        (OLD.format().replace("k1", "k" * 40), "1 to 32"),
        (OLD.format().replace("k1", ""), "1 to 32"),
    ],
)
def test_a_wrong_ring_is_refused_without_quoting_the_key(text: str, complaint: str):
    with pytest.raises(ValueError, match=complaint) as refusal:
        Keyring.parse(text)
    assert OLD.format().split(":")[1] not in str(refusal.value)
