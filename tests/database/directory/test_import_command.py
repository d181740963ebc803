import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from api.cli import build
from snp.platform.settings import get_settings
from tests.support.csv_files import PEOPLE_HEADER, a_person, write_csv


@pytest.fixture
def snp(clean_database, tmp_path, monkeypatch):
    monkeypatch.setenv("SNP_DATABASE_URL", clean_database.render_as_string(hide_password=False))
    monkeypatch.setenv("SNP_DATA_DIR", str(tmp_path))
    get_settings.cache_clear()

    def run(*arguments):
        words = [str(argument) for argument in arguments]
        return CliRunner().invoke(build(words), words)

    yield run
    get_settings.cache_clear()


@pytest.fixture
def count(clean_database):
    engine = sa.create_engine(clean_database, poolclass=sa.pool.NullPool)

    def count(table):
        with engine.connect() as connection:
            return connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar()

    return count


def test_a_file_is_imported_once_and_told(snp, count, tmp_path):
    path = write_csv(tmp_path, PEOPLE_HEADER, a_person(1), a_person(2))
    first = snp("directory", "import", path)
    assert first.exit_code == 0
    assert "professionnels : 2 créés, 0 modifié, 0 inchangé" in first.stdout
    again = snp("directory", "import", path)
    assert "professionnels : 0 créé, 0 modifié, 2 inchangés" in again.stdout
    assert count("practitioner") == 2


def test_a_dry_run_leaves_not_a_single_row(snp, count, tmp_path):
    path = write_csv(tmp_path, PEOPLE_HEADER, a_person(1))
    dry = snp("directory", "import", "--dry-run", path)
    assert dry.exit_code == 0
    assert "Essai, rien n’a été écrit : professionnels : 1 créé," in dry.stdout
    assert [count(table) for table in ("practitioner", "site", "commune")] == [0, 0, 0]


def test_false_rows_are_told_with_their_number_and_nothing_is_written(snp, count, tmp_path):
    path = write_csv(tmp_path, PEOPLE_HEADER, a_person(1), a_person(2, family_name="", phone="06"))
    told = snp("directory", "import", path)
    assert told.exit_code == 1
    assert "2 erreurs sur 1 ligne" in told.stdout
    assert "Rien n’a été écrit" in told.stdout
    assert count("practitioner") == 0
    skipped = snp("directory", "import", "--skip-invalid", path)
    assert skipped.exit_code == 1
    assert count("practitioner") == 1


@pytest.mark.parametrize(
    ("content", "arguments"),
    [
        (None, ()),
        (b"", ()),
        (b"a;b\n1;2\n", ()),
        (PEOPLE_HEADER.encode() + b"\n", ("--territory", "nulle-part")),
        (PEOPLE_HEADER.encode("cp1252") + b"\n", ("--encoding", "utf-8")),
    ],
)
def test_an_unusable_file_ends_in_one_line(snp, tmp_path, content, arguments):
    path = tmp_path / "f.csv"
    if content is not None:
        path.write_bytes(content)
    told = snp("directory", "import", *arguments, path)
    assert told.exit_code == 2
    assert told.stderr.startswith("snp : ")
    assert told.stderr.count("\n") == 1
    assert "Traceback" not in told.output


def test_the_sample_can_be_filled_and_imported(snp, tmp_path):
    sample = snp("directory", "template").stdout
    path = write_csv(tmp_path, *sample.splitlines())
    assert snp("directory", "import", "--dry-run", path).exit_code == 0
