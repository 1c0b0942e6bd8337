"""Small data in the owners' dialects, and the real ones where this machine has them."""

import hashlib
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import configuration, settings

from books.prepare import PrepareOptions, prepare

# The same cases in every run, nothing left in the working tree, no clock.
configuration.set_hypothesis_home_dir(Path(tempfile.gettempdir(), "hypothesis"))
settings.register_profile("steps", derandomize=True, database=None, deadline=None)
settings.load_profile("steps")

RATINGS_HEADER = '"User-ID";"ISBN";"Book-Rating"'
BOOKS_HEADER = (
    '"ISBN";"Book-Title";"Book-Author";"Year-Of-Publication";"Publisher";"Image-URL-S";"Image-URL-M";"Image-URL-L"'
)
REAL_SHA256 = "4d871cea98b67682328d5be1fc0177ce0a0b6f74f213c934a054cebebd8f66d9"
SHARED_FILE = Path(__file__).parents[5] / "shared" / "data" / "book-crossing" / "BX-CSV-Dump.zip"

Write = Callable[..., Path]


def rating(user: object, isbn: str, value: object) -> str:
    return f'"{user}";"{isbn}";"{value}"'


def book(isbn: str, title: str) -> str:
    return f'"{isbn}";"{title}";"Author";"2000";"Publisher";"s";"m";"l"'


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes the two files of Book-Crossing from their rows; returns the directory."""

    def write(ratings: Iterable[str], books: Iterable[str] = (), end: str = "\r\n") -> Path:
        for name, rows in (
            ("BX-Book-Ratings.csv", [RATINGS_HEADER, *ratings]),
            ("BX-Books.csv", [BOOKS_HEADER, *books]),
        ):
            (tmp_path / name).write_bytes("".join(row + end for row in rows).encode("latin-1"))
        return tmp_path

    return write


@pytest.fixture(scope="session")
def real_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the real Book-Crossing files."""
    source = Path(os.environ.get("BOOKS_DATA") or SHARED_FILE)
    if not source.is_file() or not zipfile.is_zipfile(source):
        pytest.skip(f"no Book-Crossing archive at {source}; BOOKS_DATA=<file> names one")
    if hashlib.sha256(source.read_bytes()).hexdigest() != REAL_SHA256:
        pytest.skip(f"{source} is another archive than the one the known values belong to")
    directory = tmp_path_factory.mktemp("real")
    with zipfile.ZipFile(source) as archive:
        archive.extractall(directory)
    return directory


@pytest.fixture(scope="session")
def real(real_files: Path) -> Path:
    """The same, prepared."""
    prepare(real_files, PrepareOptions())
    return real_files


@pytest.fixture
def copied(real: Path, tmp_path: Path) -> Path:
    """A directory of one's own with the real matrix."""
    shutil.copy(real / "matrix.npz", tmp_path)
    return tmp_path
