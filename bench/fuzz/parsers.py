"""Every reader of what strangers send, fed good documents spoiled in many ways.

A reader may answer, or refuse with the refusals that it documents; any other exception is a failure. Used by
the suite with few examples, by `python -m bench.fuzz` with as many as time allows.
"""

from __future__ import annotations

import copy
import json
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from api.etags import optional_version
from api.fhir.parameters import Parameters
from api.fhir.regulator_mapping import read_criterion, read_regulator
from api.fhir.slot_query import read_slot_query, read_sos_query
from api.languages import prefers_french
from api.negotiation import accepts_json, is_json
from api.security.tokens import parse_key_text
from api.shapes import is_json_too_complex
from api.web import amounts
from api.web.agenda.reading import parse_day, parse_time
from api.web.forms import parse_birth_date
from api.web.series.past_days import read_past_day
from bench.fuzz import seeds
from slots.agenda import recurrence
from slots.feeds.ical_client import check_address, is_public
from slots.feeds.reading import read_busy
from slots.rota.reading import read_answer, read_problem
from snp import terms
from snp.assignment.malformed import MalformedInput
from snp.assignment.reading import read_assignment, read_instance
from snp.assignment.stream_reading import read_stream
from snp.directory.importing.columns import BadFile, read_header
from snp.directory.importing.csv_file import open_csv
from snp.directory.importing.facts import ImportKind
from snp.directory.importing.rules import lexicon, parse_row
from snp.directory.words import fold, search_words
from snp.errors import SnpError

TODAY = date(2026, 11, 24)


@dataclass(frozen=True)
class Reader:
    """One reader: what it reads, the refusals it documents, and how its input is spoiled."""

    read: Callable[[Any], object]
    refusals: tuple[type[Exception], ...]
    spoiled: st.SearchStrategy[Any]

    def try_once(self, given: Any) -> bool:
        """Tell whether the input was read; raises what is neither an answer nor a documented refusal."""
        try:
            self.read(given)
        except self.refusals:
            return False
        return True


def _bytes(*good: str) -> st.SearchStrategy[bytes]:
    """A good document with pieces cut, doubled, swapped or replaced; or bytes that are nothing."""
    whole = [text.encode() for text in good]
    junk = st.one_of(
        st.binary(max_size=12),
        st.text(max_size=6).map(lambda text: text.encode("utf-8", "surrogatepass")),
        st.sampled_from(
            [b"", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\r\n", b'"', b";" * 40, b"9" * 400, b"-1",
             b"1e999", b"0000", b"99999999999999", b"9999-12-31T23:59:59+14:00", b"0001-01-01T00:00:00-14:00",
             b"[" * 2_000, b"%00", b"%F0%28", b"TZID=Nowhere/Land", b"FREQ=SECONDLY", b"COUNT=999999999",
             b"INTERVAL=0", b"null", b"NaN", b"true", b"BYSETPOS=366", b"\xe2\x80\xae", b"BEGIN:VEVENT\r\n",
             b"END:VEVENT\r\n", b"BEGIN:VTIMEZONE\r\n", b"END:VTIMEZONE\r\n", b"BEGIN:STANDARD\r\n",
             b"FREQ=MINUTELY", b"RRULE:FREQ=SECONDLY\r\n", b"DTSTART:00010101T000000\r\n",
             b"BYMONTH=1,2,3,4,5,6"]
        ),
    )  # fmt: skip

    @st.composite
    def spoil(draw: st.DrawFn) -> bytes:
        text = draw(st.sampled_from(whole))
        for _ in range(draw(st.integers(1, 4))):
            start = draw(st.integers(0, len(text)))
            end = draw(st.integers(start, min(len(text), start + 30)))
            piece = draw(st.one_of(junk, st.just(text[start:end] * 2), st.just(text[end : end + 30])))
            text = text[:start] + piece + text[end:]
        return text

    return st.one_of(spoil(), spoil(), spoil(), st.binary(max_size=200))


_JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(
        ["9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+14:00", 10**30, -(10**30), "", [], {}, [[]],
         {"": 0}, "2026-11-24T09:00:00", "2026-02-30T00:00:00Z", "2026-11-24T24:00:00Z", "\ud800", "\x00",
         [None], -0.0]
    ),
)  # fmt: skip


def _objects(*good: Any) -> st.SearchStrategy[Any]:
    """A good object of which one or more values, at any depth, are something else, gone or doubled."""

    @st.composite
    def spoil(draw: st.DrawFn) -> Any:
        root = {"": copy.deepcopy(draw(st.sampled_from(good)))}
        for _ in range(draw(st.integers(1, 3))):
            held: Any = root
            key: Any = ""
            while isinstance(held[key], (dict, list)) and held[key] and draw(st.integers(0, 5)):
                held = held[key]
                keys = list(held) if isinstance(held, dict) else list(range(len(held)))
                key = draw(st.sampled_from(keys))
            match draw(st.integers(0, 4)):
                case 0 if held is not root:
                    del held[key]
                case 1 if isinstance(held, list):
                    held.append(copy.deepcopy(held[key]))
                case 2 if isinstance(held, dict) and held is not root:
                    held[draw(st.text(max_size=5))] = held[key]
                case _:
                    held[key] = copy.deepcopy(
                        draw(_JUNK)
                    )  # what is drawn is shared: it must not be spoiled further
        return root[""]

    return spoil()


def _json(*good: Any) -> st.SearchStrategy[bytes]:
    spoiled = _objects(*good).map(lambda value: json.dumps(value).encode("utf-8", "surrogatepass"))
    return st.one_of(spoiled, spoiled, _bytes(*(json.dumps(value) for value in good)))


def _csv(content: bytes) -> None:
    with tempfile.NamedTemporaryFile(suffix=".csv") as kept:
        kept.write(content)
        kept.flush()
        file = open_csv(Path(kept.name))
        layout = read_header(file.header, ImportKind.PRACTITIONERS)
        words = lexicon((), ())
        for number, cells, _ in file.rows():
            parse_row(layout, number, cells, words=words, strict=True)


def _recurrence(text: str) -> None:
    rule = recurrence.parse(text)
    recurrence.days(rule, TODAY, seeds.START.time(), start=TODAY, end=TODAY + timedelta(days=400))


def _query(text: str) -> None:
    for read in (read_slot_query, read_sos_query):
        with suppress(SnpError):
            read(Parameters(text))


def _texts(text: str) -> None:
    """Every small reader of a header, a field or an identifier."""
    for identifier in (
        *(terms.RPPS, terms.ADELI, terms.FINESS, terms.SIREN, terms.SIRET, terms.InseeCode, terms.PersonId),
        *(terms.StructureId, terms.Phone),
    ):
        with suppress(SnpError):
            identifier.parse(text)
    for read in (prefers_french, accepts_json, is_json, parse_key_text, fold, search_words, read_criterion):
        read(text)  # type: ignore[operator]
    for write in (amounts.read_cents, amounts.read_day, is_public):
        write(text)
    amounts.read_month(text, TODAY)
    for day in (parse_birth_date, parse_day, read_past_day):
        day(text, TODAY)
    parse_time(text)
    for judged in (check_address, optional_version):
        with suppress(SnpError):
            judged(text)


READERS: Mapping[str, Reader] = {
    "csv": Reader(_csv, (BadFile,), _bytes(seeds.CSV)),
    "ical": Reader(
        lambda text: read_busy(text, seeds.START, seeds.START + timedelta(days=60)),
        (SnpError,),
        _bytes(seeds.CALENDAR, seeds.ZONES, seeds.ZONES),
    ),
    "fhir-query": Reader(_query, (), _bytes(seeds.FHIR_QUERY).map(lambda text: text.decode("latin-1"))),
    "fhir-practitioner": Reader(
        lambda body: read_regulator(body) if isinstance(body, dict) else None, (), _objects(seeds.REGULATOR)
    ),
    "instance": Reader(read_instance, (MalformedInput,), _json(seeds.INSTANCE)),
    "assignment": Reader(read_assignment, (MalformedInput,), _json(seeds.ASSIGNMENT)),
    "stream": Reader(
        lambda text: read_stream(text.splitlines()), (MalformedInput,), _bytes(seeds.STREAM, seeds.STREAM)
    ),
    "rota": Reader(read_problem, (MalformedInput,), _json(json.loads(seeds.rota_problem()))),
    "rota-answer": Reader(read_answer, (MalformedInput,), _json(seeds.ROTA_ANSWER)),
    "recurrence": Reader(
        _recurrence,
        (SnpError,),
        _bytes(
            "FREQ=WEEKLY;BYDAY=MO,TU;INTERVAL=2;COUNT=9", "FREQ=MONTHLY;BYDAY=1MO;UNTIL=20270101T000000Z"
        ).map(lambda text: text.decode("latin-1")),
    ),
    "json-shape": Reader(is_json_too_complex, (), _json(seeds.INSTANCE)),
    "texts": Reader(
        _texts,
        (),
        st.one_of(
            st.text(max_size=60),
            _bytes("810900000013", "+33 6 12 34 56 78", "24/11/2026", "8h30", "12,50 €", '"3"',
                   "fr-FR;q=0.9,en;q=0.1", "application/json;q=0", "https://exemple.fr/a.ics", "webcal://[::1]/",
                   "urn:oid:1.2|3", "snp_aaaaaaaaaa_" + "x" * 43).map(lambda text: text.decode("latin-1")),
        ),
    ),
}  # fmt: skip
