"""Sparse matrices without a library of their own: what the engines share."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from step_io.errors import StepError

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Csr:
    """Compressed rows; within a row columns may stand in any order."""

    indptr: Ints
    indices: Ints
    data: Floats
    columns: int

    @property
    def height(self) -> int:
        return len(self.indptr) - 1

    def rows(self) -> Ints:
        """The row of each stored value."""
        return np.repeat(np.arange(self.height, dtype=np.int32), np.diff(self.indptr))

    def slice(self, start: int, stop: int) -> "Csr":
        """The rows from `start` to before `stop`."""
        first, last = self.indptr[start], self.indptr[stop]
        return Csr(self.indptr[start : stop + 1] - first, self.indices[first:last], self.data[first:last], self.columns)

    def transposed(self) -> "Csr":
        order = np.argsort(self.indices, kind="stable")
        return from_sorted(self.indices[order], self.rows()[order], self.data[order], (self.columns, self.height))

    def squared(self) -> "Csr":
        """Each value by itself."""
        return Csr(self.indptr, self.indices, self.data * self.data, self.columns)

    def ones(self) -> "Csr":
        """The same places, each holding 1."""
        return Csr(self.indptr, self.indices, np.ones_like(self.data), self.columns)


Multiply = Callable[[Csr, Csr], Csr]
"""The product of two sparse matrices, on whatever device an engine works."""


def from_sorted(rows: npt.NDArray[Any], columns: npt.NDArray[Any], data: Floats, shape: tuple[int, int]) -> Csr:
    """A matrix from its entries in row order."""
    indptr = np.zeros(shape[0] + 1, np.int32)
    np.cumsum(np.bincount(rows, minlength=shape[0]), out=indptr[1:])
    return Csr(indptr, columns.astype(np.int32, copy=False), data, shape[1])


def top(scores: Csr, count: int) -> tuple[Ints, Floats]:
    """
    The best `count` columns of each row and their scores: score descending, then column ascending.

    For at most 512 rows at a time. Only scores above 0 take part; where they do not suffice, -1 with score 0 follow.
    """
    if scores.columns >= 1 << 22:
        raise StepError(f"{scores.columns} items are too many: a ranking takes at most {1 << 22}.")
    used = scores.data > 0
    # One 63-bit key orders it all: row, then score falling, then column. Bits of positive floats order as they do.
    falling = np.int64(0xFFFFFFFF) - scores.data[used].view(np.uint32)
    keys = scores.rows()[used].astype(np.int64) << 54 | falling << 22 | scores.indices[used]
    keys.sort()
    rows = keys >> 54
    place = np.arange(len(keys)) - np.searchsorted(rows, np.arange(scores.height))[rows]
    best = place < count
    keys, rows, place = keys[best], rows[best], place[best]
    columns = np.full((scores.height, count), -1, np.int32)
    values = np.zeros((scores.height, count), np.float32)
    columns[rows, place] = keys & ((1 << 22) - 1)
    values[rows, place] = (np.int64(0xFFFFFFFF) - (keys >> 22 & 0xFFFFFFFF)).astype(np.uint32).view(np.float32)
    return columns, values
