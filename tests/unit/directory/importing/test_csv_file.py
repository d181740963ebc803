import pytest

from snp.directory.importing.columns import BadFile
from snp.directory.importing.csv_file import open_csv

TEXT = "nom;prénom\r\nLœuf;Zoé\r\n\r\nNoël;Éva\r\n"


def read(path, **options):
    file = open_csv(path, **options)
    return file, [(number, cells) for number, cells, _ in file.rows()]


@pytest.mark.parametrize(
    ("written", "found"),
    [("utf-8", "utf-8-sig"), ("utf-8-sig", "utf-8-sig"), ("cp1252", "cp1252"), ("utf-16", "utf-16")],
)
def test_the_encoding_is_found_out(tmp_path, written, found):
    path = tmp_path / "f.csv"
    path.write_bytes(TEXT.encode(written))
    file, rows = read(path)
    assert file.encoding == found
    assert file.header == ("nom", "prénom")
    assert rows == [(2, ["Lœuf", "Zoé"]), (4, ["Noël", "Éva"])]


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_the_separator_is_found_out(tmp_path, separator):
    path = tmp_path / "f.csv"
    path.write_text(TEXT.replace(";", separator), encoding="utf-8")
    assert read(path)[0].separator == separator


def test_a_first_line_may_name_the_separator(tmp_path):
    path = tmp_path / "f.csv"
    path.write_text("sep=,\nnom,prénom\nA;B,C\n", encoding="utf-8")
    file, rows = read(path)
    assert file.header == ("nom", "prénom")
    assert rows == [(3, ["A;B", "C"])]


def test_a_cell_may_hold_a_separator_a_quote_and_a_new_line(tmp_path):
    path = tmp_path / "f.csv"
    path.write_text('nom;prénom\n"A;B";"dit ""Z""\nfils"\nC;D\n', encoding="utf-8")
    assert read(path)[1] == [(2, ["A;B", 'dit "Z"\nfils']), (3, ["C", "D"])]


def test_rows_are_told_with_the_bytes_read(tmp_path):
    path = tmp_path / "f.csv"
    path.write_text(TEXT, encoding="utf-8")
    file = open_csv(path)
    assert [done for _, _, done in file.rows()][-1] == file.size


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "fichier vide"),
        (b"\r\n\r\n", "fichier vide"),
        (b";;\r\n", "fichier vide"),
        (b"PK\x03\x04\x00\x00", "pas un fichier CSV"),
    ],
)
def test_a_file_that_is_no_csv_is_refused_in_one_line(tmp_path, content, reason):
    path = tmp_path / "f.csv"
    path.write_bytes(content)
    with pytest.raises(BadFile, match=reason) as refusal:
        open_csv(path)
    assert "\n" not in refusal.value.sentence


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(BadFile, match="No such file"):
        open_csv(tmp_path / "absent.csv")
    with pytest.raises(BadFile):
        open_csv(tmp_path)


def test_an_encoding_that_is_wrong_or_unknown_is_refused(tmp_path):
    path = tmp_path / "f.csv"
    path.write_bytes("prénom\n".encode("cp1252"))
    with pytest.raises(BadFile, match="octets illisibles"):
        open_csv(path, encoding="utf-8")
    with pytest.raises(BadFile, match="encodage inconnu"):
        open_csv(path, encoding="klingon")


def test_a_quote_left_open_is_told_with_its_row(tmp_path):
    path = tmp_path / "f.csv"
    path.write_text('nom;prénom\nA;B\nC;"D\nE;F\n', encoding="utf-8")
    with pytest.raises(BadFile, match="ligne 3 : guillemets mal fermés"):
        read(path)


def test_bytes_that_no_longer_decode_are_told_with_their_row(tmp_path):
    path = tmp_path / "f.csv"
    path.write_bytes(b"nom;prenom\n" + b"A;B\n" * 100_000 + b"C;\x81\n")
    with pytest.raises(BadFile, match="après la ligne"):
        read(path)


def test_a_huge_cell_is_refused(tmp_path):
    path = tmp_path / "f.csv"
    path.write_text("nom;prénom\nA;" + "x" * 20_000 + "\n", encoding="utf-8")
    with pytest.raises(BadFile, match="ligne 2 : une cellule dépasse"):
        read(path)


def test_a_null_character_is_told_with_its_row(tmp_path):
    path = tmp_path / "f.csv"
    path.write_bytes(b"nom;prenom\nA;B\nC;D\x00E\n")
    with pytest.raises(BadFile, match="ligne 3 : un caractère nul"):
        read(path)
