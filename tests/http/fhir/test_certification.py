"""Every assertion of the national test kit on searches, against the real server, in its two modes.

Each test bears the kit's number of what it repeats. The kit reads a Bundle as `Answer` does: resources by
their one profile, first contained, first identifier.
"""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

import pytest

from api.fhir.certification_set import SET
from tests.support.fhir import Answer, Platform, links_of, slot_query, window
from tests.support.http import Service, expect

INSTANT = re.compile(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}[+-]\d{2}:\d{2}$")
STRUCTURE = re.compile(r"^(?:1\d{9}|[34]\d{14})$")
PHONE = re.compile(r"^\+(?:33|262|590|594|596)\d{9}$")
R66 = "https://mos.esante.gouv.fr/NOS/TRE_R66-CategorieEtablissement/FHIR/TRE-R66-CategorieEtablissement"


@pytest.fixture
def found(platform: Platform) -> Answer:
    """The search for the practitioner with one place."""
    return platform.search(SET.rpps)


# 3, 4.1 and the set-up of every group


def test_3_the_capability_statement_is_read(certified: Service) -> None:
    told = expect(certified.caller().get("/fhir/metadata"), 200)

    assert told["resourceType"] == "CapabilityStatement"
    assert told["fhirVersion"] == "4.0.1"
    assert told["kind"] == "instance"


def test_4_01_a_search_answers_a_bundle_that_is_not_empty(platform: Platform, found: Answer) -> None:
    assert found.bundle["resourceType"] == "Bundle"
    assert found.bundle["type"] == "searchset"
    assert found.slots
    assert found.response.headers["content-type"].startswith("application/fhir+json")


# 4.3 one practitioner, one place


def test_4_3_02_there_is_one_of_each_and_the_slots_of_the_mode(platform: Platform, found: Answer) -> None:
    assert len(found.of("Practitioner")) == 1
    assert len(found.of("Schedule")) == 1
    assert len(found.of("PractitionerRole")) == 1
    assert len(found.contained) == 1
    assert found.bundle["total"] == len(found.slots)
    assert {tuple(slot["meta"]["profile"]) for slot in found.slots} == {(platform.slot_profile,)}


def test_4_3_03_the_first_identifier_is_the_rpps_asked_for(found: Answer) -> None:
    first = found.of("Practitioner")[0]["identifier"][0]

    assert first["value"] == f"8{SET.rpps}"
    assert re.fullmatch(r"8[0-9]{11}", first["value"])


def test_4_3_04_dates_are_ahead_within_the_window_and_written_one_way(
    platform: Platform, found: Answer
) -> None:
    _, end = window(platform.now)
    for slot in found.slots:
        assert INSTANT.match(slot["start"])
        assert INSTANT.match(slot["end"])
        assert datetime.fromisoformat(slot["start"]) >= platform.now
        assert slot["start"][:10] <= end[:10], "the kit compares what is written"
        assert datetime.fromisoformat(slot["start"]) < datetime.fromisoformat(slot["end"])


def test_4_3_05_references_resolve_inside_the_bundle(found: Answer) -> None:
    (practitioner,), (role,), (schedule,) = (
        found.of(kind) for kind in ("Practitioner", "PractitionerRole", "Schedule")
    )
    actors = {actor["reference"] for actor in schedule["actor"]}

    assert role["practitioner"]["reference"] == f"Practitioner/{practitioner['id']}"
    assert actors == {f"Practitioner/{practitioner['id']}", f"PractitionerRole/{role['id']}"}
    assert role["location"] == [{"reference": f"#{found.contained[0]['id']}"}]
    assert {slot["schedule"]["reference"] for slot in found.slots} == {f"Schedule/{schedule['id']}"}


def test_4_3_06_the_contained_location_has_its_address(found: Answer) -> None:
    address = found.contained[0]["address"]

    assert len(address["line"]) == 1
    assert address["line"][0].strip()
    assert address["city"]
    assert re.fullmatch(r"\d{5}", address["postalCode"])


def test_4_3_07_the_self_link_is_the_request_as_it_was_sent(platform: Platform) -> None:
    query = slot_query(platform.now, SET.rpps, cpts=platform.cpts)
    asked = platform.ask(query)
    (link,) = Answer(asked).bundle["link"]

    assert link["relation"] == "self"
    assert urlsplit(link["url"]).query == query
    assert link["url"] == str(asked.request.url)
    assert "|" not in link["url"]
    assert " " not in link["url"]
    assert sorted(parse_qsl(urlsplit(link["url"]).query)) == sorted(parse_qsl(query))


def test_4_3_08_every_slot_has_its_booking_page(found: Answer) -> None:
    for slot in found.slots:
        assert urlsplit(slot["comment"]).path == "/sas/agenda"
        assert f"slot={slot['id']}" in slot["comment"]
        assert "?" in slot["comment"], "the platform appends &origin=… without looking"


def test_4_3_09_every_slot_is_free(found: Answer) -> None:
    assert {slot["status"] for slot in found.slots} == {"free"}


def test_4_3_10_every_slot_can_be_booked(found: Answer) -> None:
    codes = {coding["code"] for slot in found.slots for coding in slot["appointmentType"]["coding"]}

    assert codes <= {"ROUTINE", "WALKIN"}


def test_4_3_11_there_are_as_many_services_as_organizations(by_cpts: Platform) -> None:
    found = by_cpts.search(SET.rpps)

    assert len(found.of("HealthcareService")) == len(found.of("Organization")) > 0


def test_4_3_12_every_link_leads_to_the_service_of_the_one_cpts(by_cpts: Platform) -> None:
    found = by_cpts.search(SET.rpps)
    service, organization = found.of("HealthcareService")[0], found.of("Organization")[0]

    assert service["providedBy"]["reference"] == f"Organization/{organization['id']}"
    links = {link for slot in found.slots for link in links_of(slot)}
    assert links == {f"HealthcareService/{service['id']}"}


def test_4_3_13_the_cpts_is_known_by_its_finess(by_cpts: Platform) -> None:
    (organization,) = by_cpts.search(SET.rpps).of("Organization")
    (identifier,) = organization["identifier"]

    assert identifier["value"] == f"1{SET.cpts_finess}"
    assert re.fullmatch(r"1[0-9]{9}", identifier["value"])
    assert [coding["code"] for coding in identifier["type"]["coding"]] == ["IDNST", "IDNST"]


# 4.4 one practitioner, two places


@pytest.fixture
def two_places(platform: Platform) -> Answer:
    """The search for the practitioner with two places."""
    return platform.search(platform.two_places)


def test_4_4_there_is_one_practitioner_with_two_roles_and_two_agendas(two_places: Answer) -> None:
    assert len(two_places.of("Practitioner")) == 1
    assert len(two_places.of("PractitionerRole")) == 2
    assert len(two_places.of("Schedule")) == 2


def test_4_4_each_role_is_that_of_the_practitioner(two_places: Answer) -> None:
    (practitioner,) = two_places.of("Practitioner")

    for role in two_places.of("PractitionerRole"):
        assert role["practitioner"]["reference"] == f"Practitioner/{practitioner['id']}"


def test_4_4_each_agenda_is_that_of_the_practitioner_in_a_role(two_places: Answer) -> None:
    (practitioner,) = two_places.of("Practitioner")
    roles = {f"PractitionerRole/{role['id']}" for role in two_places.of("PractitionerRole")}
    met = set()

    for schedule in two_places.of("Schedule"):
        actors = [actor["reference"] for actor in schedule["actor"]]
        assert [a for a in actors if a.startswith("Practitioner/")] == [f"Practitioner/{practitioner['id']}"]
        met |= {a for a in actors if a.startswith("PractitionerRole/")}
    assert met == roles


def test_4_4_each_role_contains_the_place_it_refers_to(two_places: Answer) -> None:
    roles = two_places.of("PractitionerRole")

    assert [role["location"][0]["reference"] for role in roles] == [
        f"#{place['id']}" for place in two_places.contained
    ]
    assert len({place["id"] for place in two_places.contained}) == 2


def test_4_4_slots_hang_on_the_agenda_of_their_place(two_places: Answer) -> None:
    used = {slot["schedule"]["reference"] for slot in two_places.slots}

    assert used == {f"Schedule/{schedule['id']}" for schedule in two_places.of("Schedule")}


# 4.5 two practitioners


def test_4_5_two_practitioners_are_answered_together(individually: Platform, by_cpts: Platform) -> None:
    for platform in (individually, by_cpts):
        found = platform.search(SET.rpps, SET.rpps2)
        first = {each["identifier"][0]["value"] for each in found.of("Practitioner")}

        assert first == {f"8{SET.rpps}", f"8{SET.rpps2}"}
        assert len(found.of("PractitionerRole")) >= 2
        assert len(found.of("Schedule")) >= 2


# 4.6 what is optional for practitioners, 4.9 for CPTS


def test_4_6_a_practitioner_has_his_name(found: Answer) -> None:
    (name,) = found.of("Practitioner")[0]["name"]

    assert name["family"]
    assert name["given"][0]


def test_4_6_the_phone_stands_on_the_role(found: Answer) -> None:
    first = found.of("PractitionerRole")[0]["telecom"][0]

    assert first["system"] == "phone"
    assert PHONE.match(first["value"])


def test_4_6_the_place_is_known_by_its_national_number(found: Answer) -> None:
    identifier = found.of("PractitionerRole")[0]["organization"]["identifier"]

    assert STRUCTURE.match(identifier["value"])
    assert identifier["type"]["coding"][0]["code"] == "IDNST"


def test_4_9_a_cpts_has_its_name_and_phone(by_cpts: Platform) -> None:
    (organization,) = by_cpts.search(SET.rpps).of("Organization")

    assert organization["name"]
    assert PHONE.match(organization["telecom"][0]["value"])


# 4.7 types of slots and of consultations


def test_4_7_02_every_visibility_is_met_and_no_other(individually: Platform, by_cpts: Platform) -> None:
    assert individually.search(SET.rpps).security() == {"PUBLIC", "PRO", "SNP"}
    assert by_cpts.search(SET.rpps).security() == {"PUBLIC", "PRO", "SNP", "CPTS"}


def test_4_7_03_every_kind_of_consultation_is_met_and_no_other(platform: Platform, found: Answer) -> None:
    assert found.service_codes() - {"604"} == {"AMB", "VR", "HH"}
    texts = {kind["text"] for slot in found.slots for kind in slot["serviceType"] if "text" in kind}
    assert texts == {"Mal de gorge, angine"}, "a reason is text, never a code"


# 4.8 two CPTS


def test_4_8_1_slots_of_two_cpts_are_shown_by_them_alone(by_cpts: Platform) -> None:
    found = by_cpts.search(SET.rpps_cpts2)
    services = {f"HealthcareService/{each['id']}": each for each in found.of("HealthcareService")}
    organizations = {f"Organization/{each['id']}" for each in found.of("Organization")}
    provided = {service["providedBy"]["reference"] for service in services.values()}

    assert len(services) == len(organizations) == 2
    assert found.security() == {"CPTS"}
    assert any(
        coding == {"system": R66, "code": "604"}
        for slot in found.slots
        for kind in slot["serviceType"]
        for coding in kind.get("coding", [])
    )
    assert provided == organizations
    assert {link for slot in found.slots for link in links_of(slot)} == set(services)


def test_4_8_2_one_slot_is_shown_by_both_cpts(by_cpts: Platform) -> None:
    found = by_cpts.search(SET.rpps_cpts2)

    assert {len(set(links)) for links in found.cpts_links()} == {1, 2}
    assert found.bundle["total"] == len(found.slots), "a slot of two CPTS counts once"


# Traps


def test_t1_each_resource_claims_one_profile(found: Answer) -> None:
    for entry in found.entries:
        assert len(entry["resource"]["meta"]["profile"]) == 1
    assert len(found.bundle["meta"]["profile"]) == 1


def test_t5_instants_are_written_with_a_zero_offset(found: Answer) -> None:
    assert all(slot[end].endswith(".000+00:00") for slot in found.slots for end in ("start", "end"))


def test_t6_slots_of_a_cpts_alone_are_nothing_to_an_individual_search(individually: Platform) -> None:
    found = individually.search(SET.rpps_cpts2)

    assert found.bundle["total"] == 0


def test_t14_addresses_resolve_on_one_base_and_each_resource_comes_once(found: Answer) -> None:
    base = urlsplit(str(found.response.request.url))
    urls = [entry["fullUrl"] for entry in found.entries]

    assert len(urls) == len(set(urls))
    for entry in found.entries:
        resource = entry["resource"]
        assert entry["fullUrl"] == (
            f"{base.scheme}://{base.netloc}/fhir/{resource['resourceType']}/{resource['id']}"
        )
        assert entry["search"]["mode"] == ("match" if resource["resourceType"] == "Slot" else "include")


def test_an_empty_answer_has_no_entry_and_the_one_profile_that_may_be(platform: Platform) -> None:
    for nobody in (SET.rpps_none, "10009999999"):
        bundle = platform.search(nobody).bundle

        assert bundle["total"] == 0
        assert "entry" not in bundle
        assert bundle["meta"]["profile"] == ["http://sas.fr/fhir/StructureDefinition/BundleAgregateur"]
        assert [link["relation"] for link in bundle["link"]] == ["self"]


def test_a_partly_unknown_list_answers_for_the_known(platform: Platform) -> None:
    found = platform.search("10009999999", SET.rpps, SET.rpps_none)

    assert len(found.of("Practitioner")) == 1


def test_no_element_is_empty_anywhere(found: Answer) -> None:
    def walk(value: object, path: str) -> None:
        assert value not in (None, "", [], {}), path
        if isinstance(value, dict):
            for name, inner in value.items():
                walk(inner, f"{path}.{name}")
        if isinstance(value, list):
            for inner in value:
                walk(inner, path)

    walk(found.bundle, "Bundle")
