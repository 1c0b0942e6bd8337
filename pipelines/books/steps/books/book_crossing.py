r"""Book-Crossing's dialect: `;` between, every field quoted, `\` escapes inside, latin-1, CRLF."""

import re
from pathlib import Path

import numpy as np
import numpy.typing as npt

from books.quoted_rows import Chunk, OddRow, chunks, show
from books.ratings import Ratings, Rows

RATINGS_HEADER = b'"User-ID";"ISBN";"Book-Rating"'
BOOKS_HEADER = (
    b'"ISBN";"Book-Title";"Book-Author";"Year-Of-Publication";"Publisher";"Image-URL-S";"Image-URL-M";"Image-URL-L"'
)
RATING_FIELDS = 3
BOOK_FIELDS = 8
HIGHEST = 10

FIELD = re.compile(rb'"((?:[^"\\]|\\["\\])*)"')
ESCAPED = re.compile(rb'\\(["\\])')


def read_ratings(path: Path, rating_above: float) -> Ratings:
    """Reads BX-Book-Ratings.csv and keeps what is rated above `rating_above` (0 is implicit, 1..10 explicit)."""
    ratings = Ratings(Rows(path.name))
    for chunk in chunks(path, RATINGS_HEADER, RATING_FIELDS):
        values = rating_values(chunk)
        kept = np.flatnonzero(values > rating_above)
        ratings.add(chunk.field(0, kept), chunk.field(1, kept), values[kept].tolist(), chunk.rows[kept].tolist())
        right = int(np.count_nonzero(values >= 0))
        ratings.rows.read += right
        ratings.explicit += int(np.count_nonzero(values > 0))
        odd = chunk.odd
        if right < len(values):
            odd = odd + [
                OddRow(int(chunk.rows[at]), plain_line(chunk, at), ended=True)
                for at in np.flatnonzero(values < 0).tolist()
            ]
        for row in odd:
            add_odd_rating(ratings, row, rating_above)
    return ratings


def rating_values(chunk: Chunk) -> npt.NDArray[np.float32]:
    """The rating of each plain row; -1 where user, ISBN or rating is not what it has to be."""
    text = np.frombuffer(chunk.data, np.uint8)
    user, user_end, isbn, isbn_end, rating, rating_end = chunk.quotes.T
    first = text[rating + 1] - np.uint8(ord("0"))
    ten = (rating_end - rating == 3) & (first == 1) & (text[rating + 2] == ord("0"))
    values = np.where(ten, np.float32(HIGHEST), first.astype(np.float32))
    digit = (text >= ord("0")) & (text <= ord("9"))
    digits_before = np.concatenate([[0], np.cumsum(digit, dtype=np.int32)])
    length = user_end - user - 1
    right = (ten | ((rating_end - rating == 2) & (first <= 9))) & (isbn_end > isbn + 1)
    right &= (length > 0) & (digits_before[user_end] - digits_before[user + 1] == length)
    return np.where(right, values, np.float32(-1))


def plain_line(chunk: Chunk, at: int) -> bytes:
    """A plain row's text without its line end."""
    return chunk.data[chunk.quotes[at, 0] : chunk.quotes[at, -1] + 1]


def add_odd_rating(ratings: Ratings, odd: OddRow, rating_above: float) -> None:
    """Reads one row by the letter of the dialect: keeps, counts or reports it."""
    fields = strict_fields(odd.line)
    fault = rating_fault(fields)
    if fields is None or fault:
        ratings.rows.note_broken(odd.row, fault, ended=odd.ended)
        return
    user, item, value = fields
    ratings.rows.read += 1
    ratings.explicit += int(value) > 0
    if int(value) > rating_above:
        ratings.add([user], [item], [float(value)], [odd.row])


def rating_fault(fields: list[bytes] | None) -> str:
    """Why the fields are no rating; empty when they are one."""
    if fields is None:
        return "not quoted fields with ; between them"
    if len(fields) != RATING_FIELDS:
        return f"{len(fields)} fields where {RATING_FIELDS} belong"
    user, item, value = fields
    if not user.isdigit():
        return f"user {show(user)} is not a number"
    if not item:
        return "the ISBN is empty"
    if not value.isdigit() or int(value) > HIGHEST:
        return f"rating {show(value)} is not a whole number from 0 to {HIGHEST}"
    return ""


def read_titles(path: Path, wanted: set[bytes]) -> tuple[dict[bytes, str], Rows]:
    """Reads BX-Books.csv: the titles of the wanted ISBNs, the first row of an ISBN winning."""
    rows = Rows(path.name)
    first_rows: dict[bytes, int] = {}
    titles: dict[bytes, bytes] = {}
    seen: set[bytes] = set()

    def offer(isbn: bytes, row: int, title: bytes) -> None:
        if row < first_rows.get(isbn, row + 1):
            first_rows[isbn], titles[isbn] = row, title

    for chunk in chunks(path, BOOKS_HEADER, BOOK_FIELDS):
        isbns = chunk.field(0)
        rows.read += len(isbns)
        seen.update(isbns)
        kept = np.array([at for at, isbn in enumerate(isbns) if isbn in wanted], np.intp)
        for at, title in zip(kept.tolist(), chunk.field(1, kept), strict=True):
            offer(isbns[at], int(chunk.rows[at]), title)
        for odd in chunk.odd:
            fields = strict_fields(odd.line)
            if fields is None or len(fields) != BOOK_FIELDS:
                fields = repaired_fields(odd.line)
                rows.repaired += fields is not None
            if fields is None:
                rows.note_broken(odd.row, f"not {BOOK_FIELDS} quoted fields with ; between them", ended=odd.ended)
                continue
            rows.read += 1
            seen.add(fields[0])
            if fields[0] in wanted:
                offer(fields[0], odd.row, fields[1])
    rows.duplicate = rows.read - len(seen)
    return {isbn: decode(title) for isbn, title in titles.items()}, rows


def strict_fields(line: bytes) -> list[bytes] | None:
    """The fields of a row that keeps to the dialect, unescaped; None when it does not."""
    fields = []
    at = 0
    while match := FIELD.match(line, at):
        fields.append(ESCAPED.sub(rb"\1", match[1]))
        at = match.end()
        if at == len(line):
            return fields
        if line[at : at + 1] != b";":
            return None
        at += 1
    return None


def repaired_fields(line: bytes) -> list[bytes] | None:
    r"""
    The fields of a book row with one of the two faults known of this data; None for any other fault.

    Some rows went once through a reader that did not know the escape character: `"O" Is for Outlaw` became
    `\O\\" Is for Outlaw\"`. Three rows of the original have the author inside the title: `Title\";Author`.
    """
    if b"\\" not in line or line[:1] != b'"' or line[-1:] != b'"':
        return None
    fields = line[1:-1].split(b'";"')
    if len(fields) == BOOK_FIELDS - 1 and b'\\";' in fields[1]:
        fields[1:2] = fields[1].split(b'\\";', 1)
    if len(fields) != BOOK_FIELDS:
        return None
    return [requoted(field) for field in fields]


def requoted(field: bytes) -> bytes:
    r"""Undoes the double escaping: a `\` left alone is a lost opening quote, whose partner stands at the end."""
    text = field.replace(b'\\\\"', b'"').replace(b'\\"', b'"')
    if b"\\" not in text:
        return text
    text = text.replace(b"\\", b'"')
    return text[:-1] if text.count(b'"') % 2 and text.endswith(b'"') else text


def decode(title: bytes) -> str:
    """Text of a latin-1 field; text that is UTF-8 taken for latin-1, once or twice, is set right."""
    text = title.decode("latin-1")
    while not text.isascii():
        try:
            text = text.encode("latin-1").decode("utf-8")
        except UnicodeError:
            break
    return text
