"""Orange's tab-separated tables of ratings, as in `movielens100k.tab`: names, types, roles, then rows."""

import math
from pathlib import Path

from books.quoted_rows import show
from books.ratings import Ratings, Rows
from step_io.errors import StepError

HEADER_ROWS = 3
ROLES = ("row=1", "col=1", "class")
"""What the third header row says over the user, the item and the rating."""


def is_orange_table(head: list[bytes]) -> bool:
    """Whether the first three rows of a file are such a header."""
    return len(head) == HEADER_ROWS and all(role.encode() in head[2].split(b"\t") for role in ROLES)


def read_ratings(path: Path, rating_above: float) -> Ratings:
    """Reads the table and keeps what is rated above `rating_above`."""
    rows = Rows(path.name)
    ratings = Ratings(rows)
    with path.open("rb") as file:
        head = [file.readline().rstrip(b"\r\n") for _ in range(HEADER_ROWS)]
        if not is_orange_table(head):
            raise StepError(f"{path.name} row 3: {show(head[2])} does not name {', '.join(ROLES)}.")
        roles = head[2].split(b"\t")
        user_at, item_at, value_at = (roles.index(role.encode()) for role in ROLES)
        for row, line in enumerate(file, HEADER_ROWS + 1):
            fields = line.rstrip(b"\r\n").split(b"\t")
            if len(fields) != len(roles):
                reason = f"{len(fields)} fields where {len(roles)} belong"
                rows.note_broken(row, reason, ended=line.endswith(b"\n"))
                continue
            user, item, value = fields[user_at], fields[item_at], number(fields[value_at])
            if not user or not item or value is None:
                reason = f"user {show(user)}, item {show(item)} and rating {show(fields[value_at])} are not all there"
                rows.note_broken(row, reason, ended=True)
                continue
            rows.read += 1
            ratings.explicit += 1
            if value > rating_above:
                ratings.add([user], [item], [value], [row])
    return ratings


def number(text: bytes) -> float | None:
    """A finite number, or None."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
