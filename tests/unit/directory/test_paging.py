from uuid import UUID

import pytest

from snp.directory.paging import checked_limit, decode_cursor, decode_name_cursor, encode_cursor
from snp.errors import InvalidValue


def test_a_cursor_gives_back_its_keys():
    keys = ("père œuf", "018f0000-0000-7000-8000-000000000001")
    assert decode_cursor(encode_cursor(keys), length=2) == keys
    assert decode_name_cursor(encode_cursor(keys)) == (keys[0], UUID(keys[1]))
    assert decode_name_cursor(None) is None


@pytest.mark.parametrize(
    "cursor", ["=", "a", "é", "//", encode_cursor(["a"]), encode_cursor(["a", "b", "c"]), "W10", "WzEsMl0"]
)
def test_a_cursor_made_for_another_list_is_refused(cursor):
    with pytest.raises(InvalidValue, match="cursor"):
        decode_cursor(cursor, length=2)


def test_a_name_cursor_names_an_id():
    with pytest.raises(InvalidValue, match="cursor"):
        decode_name_cursor(encode_cursor(["a", "b"]))


@pytest.mark.parametrize("limit", [0, -1, 201])
def test_a_limit_out_of_bounds_is_refused(limit):
    with pytest.raises(InvalidValue, match="limit"):
        checked_limit(limit)


def test_a_limit_within_bounds_is_kept():
    assert [checked_limit(limit) for limit in (1, 200)] == [1, 200]
