from dataclasses import replace

from snp.directory.importing.facts import ParsedRow, PersonRow, RowRule, SiteRow
from snp.directory.importing.seen import Seen

CAMILLE = PersonRow("Essai", "Camille", "medecin_generaliste", rpps="10900000018", phone="+33639980010")
CABINET = SiteRow("Cabinet", "1 rue", "44210", "44131")
CENTRE = replace(CABINET, name="Centre")


def faults(*rows):
    seen = Seen()
    told = [seen.faults(ParsedRow(number, *row)) for number, row in enumerate(rows, start=2)]
    return [(error.row, error.column, error.rule) for errors in told for error in errors]


def test_a_person_may_practise_at_several_places():
    assert faults((CAMILLE, CABINET), (CAMILLE, CENTRE), (CAMILLE, None)) == []


def test_several_persons_may_practise_at_one_place():
    assert faults((CAMILLE, CABINET), (replace(CAMILLE, rpps="10900000026"), CABINET)) == []


def test_the_same_person_at_the_same_place_twice_is_a_duplicate():
    spelled = replace(CABINET, name="CABINET", address="1, Rue")
    assert faults((CAMILLE, CABINET), (CAMILLE, spelled)) == [(3, "ligne", RowRule.DUPLICATE_ROW)]


def test_two_rows_that_contradict_each_other_are_told_with_the_column():
    other = replace(CAMILLE, given_name="Dominique", phone="+33639980011")
    assert faults((CAMILLE, CABINET), (other, CENTRE)) == [
        (3, "prenom", RowRule.CONTRADICTS_ROW),
        (3, "telephone", RowRule.CONTRADICTS_ROW),
    ]


def test_two_rows_about_one_place_may_not_contradict_each_other():
    one, other = (
        replace(CABINET, finess="440000271", phone=phone) for phone in ("+33261910001", "+33261910002")
    )
    person = replace(CAMILLE, rpps="10900000026")
    assert faults((CAMILLE, one), (person, other)) == [(3, "telephone du lieu", RowRule.CONTRADICTS_ROW)]


def test_a_cell_left_empty_contradicts_nothing():
    assert faults((CAMILLE, CABINET), (replace(CAMILLE, phone=None), CENTRE)) == []


def test_a_refused_row_does_not_speak_for_later_ones():
    other = replace(CAMILLE, given_name="Dominique")
    assert faults((CAMILLE, CABINET), (other, CENTRE), (CAMILLE, CENTRE)) == [
        (3, "prenom", RowRule.CONTRADICTS_ROW)
    ]
