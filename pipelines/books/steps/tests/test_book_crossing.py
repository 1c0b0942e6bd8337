"""The dialect of Book-Crossing: what is read, repaired, and refused."""

from pathlib import Path

import pytest
from conftest import Write, book, rating
from hypothesis import given
from hypothesis import strategies as st

from books.book_crossing import RATING_FIELDS, decode, read_ratings, read_titles, repaired_fields, strict_fields
from books.quoted_rows import split_rows
from step_io.errors import StepError

RATINGS = "BX-Book-Ratings.csv"
BOOKS = "BX-Books.csv"


def kept(directory: Path, above: float = 5) -> list[tuple[bytes, bytes, float]]:
    ratings = read_ratings(directory / RATINGS, above)
    users, items = list(ratings.users), list(ratings.items)
    triples = zip(ratings.user_of, ratings.item_of, ratings.value_of, strict=True)
    return [(users[user], items[item], value) for user, item, value in triples]


@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_keeps_ratings_above_the_threshold_with_ids_as_text(write: Write, end: str) -> None:
    directory = write(
        [rating(8, "0002005018", 5), rating(9, "034545104X", 10), rating("007", "0002005018", 6)], end=end
    )
    assert kept(directory) == [(b"9", b"034545104X", 10.0), (b"007", b"0002005018", 6.0)]


def test_counts_explicit_ratings_apart_from_implicit_ones(write: Write) -> None:
    ratings = read_ratings(write([rating(1, "a", 0), rating(1, "b", 1), rating(1, "c", 9)]) / RATINGS, 5)
    assert (ratings.rows.read, ratings.explicit) == (3, 2)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ('"1";"a"', "row 3: 2 fields where 3 belong"),
        ('"1";"a";"7";"x"', "row 3: 4 fields where 3 belong"),
        ("1;a;7", "row 3: not quoted fields with ; between them"),
        ("", "row 3: not quoted fields with ; between them"),
        ('"x1";"a";"7"', "row 3: user 'x1' is not a number"),
        ('"";"a";"7"', "row 3: user '' is not a number"),
        ('"1";"";"7"', "row 3: the ISBN is empty"),
        ('"1";"a";"11"', "row 3: rating '11' is not a whole number from 0 to 10"),
        ('"1";"a";"7.5"', "row 3: rating '7.5' is not a whole number from 0 to 10"),
        ('"1";"a";""', "row 3: rating '' is not a whole number from 0 to 10"),
        (' "1";"a";"7"', "row 3: not quoted fields with ; between them"),
        ('"1";"a";"7" ', "row 3: not quoted fields with ; between them"),
        ('"1","a","7"', "row 3: not quoted fields with ; between them"),
    ],
)
def test_reports_a_broken_row_by_its_number_and_reads_the_others(write: Write, row: str, reason: str) -> None:
    rows = read_ratings(write([rating(1, "a", 7), row, rating(2, "a", 8)]) / RATINGS, 5).rows
    assert (rows.read, rows.broken, rows.named) == (2, 1, [reason])


def test_unescapes_what_is_escaped(write: Write) -> None:
    directory = write([r'"48821";"\"8804501367\"";"9"'])
    assert kept(directory) == [(b"48821", b'"8804501367"', 9.0)]


def test_names_ten_broken_rows_and_counts_all(write: Write) -> None:
    rows = read_ratings(write(["x"] * 25) / RATINGS, 5).rows
    assert (rows.broken, len(rows.named)) == (25, 10)
    with pytest.raises(StepError, match=r"row 2: not quoted fields .*; in all 25 of 25 rows are broken"):
        rows.check(0.5)


@pytest.mark.parametrize("tail", ['"2";"a', '"2";"a";"8', '"2"'])
def test_refuses_a_file_that_was_cut_off(write: Write, tail: str) -> None:
    path = write([rating(1, "a", 7)]) / RATINGS
    with path.open("a") as file:
        file.write(tail)
    with pytest.raises(StepError, match="row 3: the file ends in the middle of a row"):
        read_ratings(path, 5)


def test_reads_a_whole_last_row_without_a_line_end(write: Write) -> None:
    directory = write([rating(1, "a", 7)])
    with (directory / RATINGS).open("a") as file:
        file.write(rating(2, "b", 9))
    assert kept(directory) == [(b"1", b"a", 7.0), (b"2", b"b", 9.0)]


@pytest.mark.parametrize("chunk", [40, 64, 1000])
def test_reads_the_same_whatever_the_chunks(write: Write, monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    directory = write([rating(n, f"isbn{n % 7}", n % 11) if n % 10 else "broken" for n in range(1, 60)])
    whole = kept(directory)
    monkeypatch.setattr("books.quoted_rows.CHUNK_BYTES", chunk)
    assert kept(directory) == whole
    assert read_ratings(directory / RATINGS, 5).rows.broken == 5


@given(
    st.lists(
        st.lists(st.text(alphabet='ab";\\1\r ', max_size=6), min_size=1, max_size=4).map(
            lambda fields: ";".join(f'"{field}"' for field in fields)
        ),
        min_size=1,
        max_size=8,
    )
)
def test_array_arithmetic_agrees_with_the_careful_reader(lines: list[str]) -> None:
    data = "".join(f"{line}\r\n" for line in lines).encode()
    chunk = split_rows(data, 2, RATING_FIELDS)
    careful = {row: strict_fields(line.removesuffix(b"\r")) for row, line in enumerate(data.split(b"\n")[:-1], 2)}
    fields = [chunk.field(number) for number in range(RATING_FIELDS)]
    for at, row in enumerate(chunk.rows.tolist()):
        assert [column[at] for column in fields] == careful[row]
    plain = {row for row, values in careful.items() if values is not None and len(values) == RATING_FIELDS}
    escaped = {row for row, line in enumerate(lines, 2) if "\\" in line}
    assert set(chunk.rows.tolist()) == plain - escaped
    assert len(chunk.rows) + len(chunk.odd) == len(lines)


def test_takes_the_first_title_of_an_isbn_and_only_wanted_ones(write: Write) -> None:
    directory = write([], [book("a", "First"), book("b", "Other"), book("a", "Second")])
    titles, rows = read_titles(directory / BOOKS, {b"a", b"absent"})
    assert titles == {b"a": "First"}
    assert (rows.read, rows.duplicate) == (3, 1)


@pytest.mark.parametrize(
    ("raw", "title"),
    [
        (r"Say \"Yes\"", 'Say "Yes"'),
        (r"AC\\DC", r"AC\DC"),
        (r"\O\\" + '" Is for Outlaw' + r"\"", '"O" Is for Outlaw'),
        (r"A: \B\\" + '" / ' + r"\\" + '"C' + r"\\" + '" D' + r"\"", 'A: "B" / "C" D'),
    ],
)
def test_reads_titles_with_quotes(write: Write, raw: str, title: str) -> None:
    titles, rows = read_titles(write([], [book("a", raw)]) / BOOKS, {b"a"})
    assert (titles, rows.broken) == ({b"a": title}, 0)


def test_repairs_the_rows_whose_author_stands_in_the_title() -> None:
    line = rb'"078946697X";"DK Readers (Level 4)\";Michael Teitelbaum";"2000";"DK";"s";"m";"l"'
    fields = repaired_fields(line)
    assert fields is not None
    assert fields[:3] == [b"078946697X", b"DK Readers (Level 4)", b"Michael Teitelbaum"]


def test_counts_book_rows_that_cannot_be_read(write: Write) -> None:
    rows = read_titles(write([], [book("a", "T"), '"b";"T"', book("c", "x;y")]) / BOOKS, {b"a"})[1]
    assert (rows.read, rows.broken, rows.named) == (2, 1, ["row 3: not 8 quoted fields with ; between them"])


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"Cien a\xf1os", "Cien años"),
        ("Cien años".encode(), "Cien años"),
        ("Cien años".encode().decode("latin-1").encode(), "Cien años"),
        (b"plain", "plain"),
    ],
)
def test_sets_right_titles_of_another_encoding(raw: bytes, text: str) -> None:
    assert decode(raw) == text


def test_refuses_another_header(write: Write) -> None:
    path = write([]) / RATINGS
    path.write_text("User-ID,ISBN,Book-Rating\n1,a,7\n")
    with pytest.raises(StepError, match="row 1: the header reads 'User-ID,ISBN,Book-Rating'"):
        read_ratings(path, 5)
