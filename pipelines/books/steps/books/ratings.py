"""Ratings as read from a file, before they become a matrix."""

from dataclasses import dataclass, field

from step_io.errors import StepError

NAMED_BROKEN_ROWS = 10
"""How many broken rows a report names; beyond it they are only counted."""


@dataclass
class Rows:
    """What became of the rows of one file: every row is read or broken, none goes missing."""

    file: str
    read: int = 0
    repaired: int = 0
    """Of those read, how many had a fault that is known of this data and could be undone."""
    duplicate: int = 0
    """Of those read, how many repeat an earlier one and were not used."""
    broken: int = 0
    named: list[str] = field(default_factory=list)

    def note_broken(self, row: int, reason: str, *, ended: bool) -> None:
        """Counts a broken row. One without a line end is the last of a file that was cut off: an error."""
        if not ended:
            raise StepError(f"{self.file} row {row}: the file ends in the middle of a row, so it was cut off.")
        self.broken += 1
        if len(self.named) < NAMED_BROKEN_ROWS:
            self.named.append(f"row {row}: {reason}")

    def check(self, broken_share: float) -> None:
        """Fails where more than this share of the rows (0..1) is broken."""
        total = self.read + self.broken
        if self.broken > broken_share * total:
            raise StepError(
                f"{self.file} {self.named[0]}; in all {self.broken} of {total} rows are broken, "
                f"and at most {broken_share:.2%} may be."
            )

    def as_json(self) -> dict[str, object]:
        return {
            "file": self.file,
            "read": self.read,
            "repaired": self.repaired,
            "duplicate": self.duplicate,
            "broken": self.broken,
            "brokenRows": self.named,
        }


@dataclass
class Ratings:
    """Ratings above the threshold as parallel lists: positions in `users` and `items`, value, row in the file."""

    rows: Rows
    users: dict[bytes, int] = field(default_factory=dict)
    items: dict[bytes, int] = field(default_factory=dict)
    user_of: list[int] = field(default_factory=list)
    item_of: list[int] = field(default_factory=list)
    value_of: list[float] = field(default_factory=list)
    row_of: list[int] = field(default_factory=list)
    explicit: int = 0
    """Rows with a rating that somebody gave, kept or not (Book-Crossing: 0 is an implicit one)."""

    def add(self, users: list[bytes], items: list[bytes], values: list[float], rows: list[int]) -> None:
        """Adds ratings to keep."""
        known_users, known_items = self.users, self.items
        self.user_of += [known_users.setdefault(user, len(known_users)) for user in users]
        self.item_of += [known_items.setdefault(item, len(known_items)) for item in items]
        self.value_of += values
        self.row_of += rows
