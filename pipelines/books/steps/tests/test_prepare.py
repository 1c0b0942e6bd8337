"""From files to a matrix: rules of preparation, order, equality of bytes, and refusals."""

import json
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse
from conftest import Write, book, rating

from books.command import main
from books.matrix import load
from books.prepare import PrepareOptions, prepare
from step_io.errors import StepError

# Item "b" has three readers above 5, "a" two (and one at 5), "z" three.
SMALL = [
    *(rating(user, "b", 8) for user in (10, 9, 2)),
    *(rating(user, "a", 9) for user in (9, 10)),
    rating(2, "a", 5),
    *(rating(user, "z", value) for user, value in ((2, 6), (30, 10), (9, 7))),
]


def prepared(directory: Path, options: PrepareOptions | None = None) -> np.ndarray:
    prepare(directory, options or PrepareOptions())
    return scipy.sparse.load_npz(directory / "matrix.npz").toarray()


def test_keeps_items_with_more_than_two_ratings_above_five_in_byte_order(write: Write) -> None:
    dense = prepared(write(SMALL, [book("z", "Zed")]))
    matrix = load(write(SMALL, [book("z", "Zed")]) / "matrix.npz")
    assert (matrix.items, matrix.users, matrix.titles) == (["b", "z"], ["10", "2", "30", "9"], ["", "Zed"])
    assert dense.tolist() == [[8, 8, 0, 8], [0, 6, 10, 7]]


def test_thresholds_can_be_chosen(write: Write) -> None:
    directory = write(SMALL)
    prepare(directory, PrepareOptions(rating_above=4, readers_above=1))
    assert load(directory / "matrix.npz").items == ["a", "b", "z"]


def test_the_first_of_two_ratings_of_one_pair_counts(write: Write) -> None:
    directory = write([*SMALL, rating(2, "b", 10)])
    report = prepare(directory, PrepareOptions())
    assert scipy.sparse.load_npz(directory / "matrix.npz").toarray()[0, 1] == 8
    assert report["rows"][0]["duplicate"] == 1  # type: ignore[index]


def test_reports_what_became_of_every_row(write: Write) -> None:
    directory = write([*SMALL, "broken"], [book("b", "Bee")])
    report = prepare(directory, PrepareOptions(broken_share=0.2))
    assert report == json.loads((directory / "reports" / "prepare-dataset.json").read_text())
    assert report["matrix"] == {
        "items": 2,
        "users": 4,
        "ratings": 6,
        "bytes": (directory / "matrix.npz").stat().st_size,
    }
    assert report["rows"][0]["brokenRows"] == ["row 11: not quoted fields with ; between them"]  # type: ignore[index]
    assert report["itemsWithoutTitle"] == 1
    assert isinstance(report["peakMemoryBytes"], int)


def test_takes_name_and_digest_from_the_download(write: Write) -> None:
    directory = write(SMALL)
    files = [{"name": "BX-Book-Ratings.csv"}, {"name": "BX-Books.csv"}]
    (directory / "dataset.json").write_text(json.dumps({"name": "BX.zip", "sha256": "ab", "files": files}))
    # Of data that were there before, nothing is read.
    (directory / "old.tab").write_text("rubbish")
    report = prepare(directory, PrepareOptions())
    assert (report["data"]["name"], report["data"]["sha256"]) == ("BX.zip", "ab")  # type: ignore[index]


def test_equal_input_gives_equal_bytes(write: Write) -> None:
    directory = write(SMALL, [book("z", "Zed")])
    prepare(directory, PrepareOptions())
    first = (directory / "matrix.npz").read_bytes()
    prepare(directory, PrepareOptions())
    assert (directory / "matrix.npz").read_bytes() == first


ORANGE = "user\tmovie\tscore\ttid\ncontinuous\tcontinuous\tcontinuous\ttime\nrow=1\tcol=1\tclass\tmeta\n"


def test_reads_an_orange_table(tmp_path: Path) -> None:
    rows = [f"{user}\t{item}\t{score}\t1" for item, score in ((10, 4), (9, 5), (8, 3)) for user in (1, 2, 3)]
    (tmp_path / "movielens100k.tab").write_text(ORANGE + "\n".join(rows) + "\n")
    report = prepare(tmp_path, PrepareOptions())
    matrix = load(tmp_path / "matrix.npz")
    assert (matrix.items, matrix.users, matrix.titles) == (["10", "9"], ["1", "2", "3"], ["", ""])
    assert report["data"]["label"] == "MovieLens 100k"  # type: ignore[index]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("1\t2\t3", "row 4: 3 fields where 4 belong"),
        ("1\t2\tmany\t3", "row 4: user '1', item '2' and rating 'many'"),
        ("1\t2\tnan\t3", "rating 'nan'"),
        ("\t2\t3\t3", "row 4: user ''"),
    ],
)
def test_refuses_broken_rows_of_an_orange_table(tmp_path: Path, row: str, message: str) -> None:
    (tmp_path / "x.tab").write_text(ORANGE + row + "\n1\t2\t4\t3\n")
    with pytest.raises(StepError, match=message):
        prepare(tmp_path, PrepareOptions())


def test_refuses_an_orange_table_that_was_cut_off(tmp_path: Path) -> None:
    (tmp_path / "x.tab").write_text(ORANGE + "1\t2\t4\t3\n1\t2")
    with pytest.raises(StepError, match=r"x\.tab row 5: the file ends in the middle"):
        prepare(tmp_path, PrepareOptions())


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "holds no .csv or .tab file"),
        ({"BX-Book-Ratings.csv": ""}, "BX-Book-Ratings.csv row 1: the file is empty"),
        (
            {"r.csv": "userId,movieId,rating\n1,2,3\n"},
            "r.csv row 1: no known dialect begins with 'userId,movieId,rating'",
        ),
        ({"x.tab": "user\tmovie\n"}, "x.tab row 1: no known dialect"),
        ({"x.csv": b"PK\x03\x04\x00\xff"}, "x.csv row 1: no known dialect"),
        ({"BX-Book-Ratings.csv": '"User-ID";"ISBN";"Book-Rating"\r\n'}, "no file beside it has the header of BX-Books"),
        ({"x.tab": ORANGE}, "x.tab has no usable row: of 0 ratings"),
        ({"x.tab": ORANGE + "1\t2\t5\t0\n"}, "x.tab has no usable row: of 1 ratings none is above 3"),
        ({"dataset.json": "{"}, "dataset.json is not JSON"),
        ({"dataset.json": '{"files": [{"name": "gone.csv"}]}'}, "gone.csv is named in dataset.json but missing"),
    ],
)
def test_refuses_in_one_sentence_and_leaves_the_old_matrix(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], files: dict[str, str | bytes], message: str
) -> None:
    for name, content in files.items():
        (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
    (tmp_path / "matrix.npz").write_text("the old one")

    assert main(["prepare", "--datadir", str(tmp_path)]) == 1
    lines = capfd.readouterr().err.splitlines()
    assert len(lines) == 1
    assert message in lines[0]
    assert (tmp_path / "matrix.npz").read_text() == "the old one"
    assert not (tmp_path / "reports").exists()


def test_bears_a_small_share_of_broken_rows_only(write: Write) -> None:
    directory = write([*SMALL, "broken"])
    with pytest.raises(StepError, match=r"BX-Book-Ratings\.csv row 11: .* 1 of 10 rows are broken, .* 0\.10%"):
        prepare(directory, PrepareOptions())
    prepare(directory, PrepareOptions(broken_share=0.1))


def test_the_real_archive_has_the_known_shape(real: Path) -> None:
    report = json.loads((real / "reports" / "prepare-dataset.json").read_text())
    assert {key: report["matrix"][key] for key in ("items", "users", "ratings")} == {
        "items": 22_792,
        "users": 46_250,
        "ratings": 193_624,
    }
    ratings, books = report["rows"]
    assert (ratings["read"], ratings["broken"], ratings["duplicate"]) == (265_614, 0, 0)
    assert (books["read"], books["broken"], books["duplicate"]) == (27_109, 0, 0)
    assert (report["explicitRatings"], report["itemsWithoutTitle"]) == (241_457, 9)
    matrix = load(real / "matrix.npz")
    assert matrix.items == sorted(matrix.items)
    assert matrix.users == sorted(matrix.users)
