"""Rows of quoted fields with `;` between, found by array arithmetic; odd rows are set aside by line."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from step_io.errors import StepError

# Large enough that the work per chunk outweighs the work per call, small enough to bound memory on any file.
CHUNK_BYTES = 1 << 20

LINE_FEED, CARRIAGE_RETURN, QUOTE, SEMICOLON, BACKSLASH = b'\n\r";\\'

Positions = npt.NDArray[np.intp]


@dataclass(frozen=True)
class OddRow:
    """A row for the careful reader. `ended` is false for the last of a file without a line end."""

    row: int
    line: bytes
    ended: bool


@dataclass(frozen=True)
class Chunk:
    """Whole lines of a file; rows count from 1, the header included."""

    data: bytes
    first_row: int
    rows: Positions
    """Row number of each plain row."""
    quotes: Positions
    """Plain rows × 2·fields: where each field's opening and closing quote stands in `data`."""
    odd: list[OddRow]

    def field(self, number: int, of: Positions | None = None) -> list[bytes]:
        """One field of the plain rows (or of those at the positions `of`)."""
        ends = self.quotes[:, 2 * number : 2 * number + 2]
        data = self.data
        return [data[start + 1 : end] for start, end in (ends if of is None else ends[of]).tolist()]


def chunks(path: Path, header: bytes, fields: int) -> Iterator[Chunk]:
    """The rows of a file after its header."""
    with path.open("rb") as file:
        found = file.readline().rstrip(b"\r\n")
        if found != header:
            raise StepError(f"{path.name} row 1: the header reads {show(found)}, Book-Crossing's reads {show(header)}.")
        row = 2
        rest = b""
        while block := file.read(CHUNK_BYTES):
            end = block.rfind(b"\n") + 1
            if not end:
                rest += block
                continue
            chunk = split_rows(rest + block[:end], row, fields)
            rest = block[end:]
            yield chunk
            row += len(chunk.rows) + len(chunk.odd)
        if rest:
            nothing = np.empty(0, np.intp)
            yield Chunk(rest, row, nothing, nothing.reshape(0, 2 * fields), [OddRow(row, rest, ended=False)])


def split_rows(data: bytes, first_row: int, fields: int) -> Chunk:
    """Tells the plain rows of some whole lines (no escape, exactly `fields` quoted fields) from the odd ones."""
    text = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(text == LINE_FEED)
    starts = np.concatenate([[0], ends[:-1] + 1])
    quotes = np.flatnonzero(text == QUOTE)
    before = np.searchsorted(quotes, np.append(starts, len(text)))
    count = np.diff(before)
    plain = count == 2 * fields
    plain[np.searchsorted(starts, np.flatnonzero(text == BACKSLASH), side="right") - 1] = False

    at = quotes[np.repeat(plain, count)].reshape(-1, 2 * fields)
    first, last = starts[plain], ends[plain]
    last = last - (text[last - 1] == CARRIAGE_RETURN)
    good = (at[:, 0] == first) & (at[:, -1] + 1 == last)
    for closing in range(1, 2 * fields - 1, 2):
        good &= (at[:, closing + 1] == at[:, closing] + 2) & (text[at[:, closing] + 1] == SEMICOLON)
    plain[np.flatnonzero(plain)[~good]] = False

    rows = np.flatnonzero(plain)
    odd = [
        OddRow(first_row + row, data[starts[row] : ends[row]].removesuffix(b"\r"), ended=True)
        for row in np.flatnonzero(~plain).tolist()
    ]
    return Chunk(data, first_row, rows + first_row, at[good], odd)


def show(text: bytes) -> str:
    """At most 60 bytes of a value, quoted, for a sentence."""
    return repr(text[:60].decode("latin-1")) + ("…" if len(text) > 60 else "")
