"""What a training asks of a library: answer one query the library's own way, and multiply."""

from abc import ABC, abstractmethod
from collections.abc import Callable

from books.matrix import Matrix
from books.sparse import Csr

Query = Callable[[int, int], list[tuple[int, float]]]
"""From an item's position and a count to that many items of highest rating cosine, itself among them, with scores."""


class Engine(ABC):
    name: str
    device: str
    """Where it works, as people read it: `CPU`, a card's name, or `no GPU: CPU device`."""
    version: str

    @abstractmethod
    def query(self, matrix: Matrix) -> Query:
        """Loads the ratings; the answer returns only when the device has finished."""

    @abstractmethod
    def multiply(self, left: Csr, right: Csr) -> Csr:
        """The product of two sparse matrices."""

    def check_timing(self, seconds: float) -> dict[str, object]:
        """What speaks for a measured query time; raises where it cannot be true."""
        return {}
