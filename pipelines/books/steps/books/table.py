"""The nearest neighbours of every item by cosine with shrinkage."""

from dataclasses import dataclass

import numpy as np

from books.sparse import Csr, Floats, Ints, Multiply, from_sorted, top

ROWS_PER_STEP = 512


@dataclass(frozen=True)
class Table:
    """For each item the positions of its neighbours, best first, and their scores; -1 and 0 where there are none."""

    neighbours: Ints
    scores: Floats

    def first(self, count: int) -> "Table":
        return Table(self.neighbours[:, :count], self.scores[:, :count])

    def as_matrix(self) -> Csr:
        """Items × items, the score of each neighbour."""
        found = self.neighbours >= 0
        rows, _ = np.nonzero(found)
        items = len(self.neighbours)
        return from_sorted(rows, self.neighbours[found], self.scores[found], (items, items))


def neighbour_table(vectors: Csr, shrink: float, count: int, multiply: Multiply) -> Table:
    """
    The `count` best of every item (row) but itself: sim = dot / (|a||b| + shrink), ties by position.

    With 0/1 vectors every operation is rounded the same way on any device, so equal input gives equal bytes.
    """
    squares = np.zeros(vectors.height, np.float32)
    np.add.at(squares, vectors.rows(), vectors.squared().data)
    transposed = vectors.transposed()
    neighbours = np.empty((vectors.height, count), np.int32)
    scores = np.empty((vectors.height, count), np.float32)
    for start in range(0, vectors.height, ROWS_PER_STEP):
        stop = min(start + ROWS_PER_STEP, vectors.height)
        dots = multiply(vectors.slice(start, stop), transposed)
        rows = dots.rows() + np.int32(start)
        similar = dots.data / (np.sqrt(squares[rows] * squares[dots.indices]) + np.float32(shrink))
        similar[rows == dots.indices] = 0
        best = top(Csr(dots.indptr, dots.indices, similar, dots.columns), count)
        neighbours[start:stop], scores[start:stop] = best
    return Table(neighbours, scores)
