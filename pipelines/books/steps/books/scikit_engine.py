"""The CPU library: scikit-learn answers the queries, SciPy multiplies."""

import scipy.sparse
import sklearn
from sklearn.neighbors import NearestNeighbors

from books.engine import Engine, Query
from books.matrix import Matrix
from books.scipy_product import as_scipy, multiply
from books.sparse import Csr


class ScikitEngine(Engine):
    """Brute-force cosine on compressed rows."""

    name = "scikit"
    device = "CPU"

    def __init__(self) -> None:
        self.version = f"scikit-learn {sklearn.__version__}"

    def query(self, matrix: Matrix) -> Query:
        rows = scipy.sparse.csr_matrix(as_scipy(matrix.ratings))
        model = NearestNeighbors(metric="cosine", algorithm="brute").fit(rows)

        def ask(item: int, count: int) -> list[tuple[int, float]]:
            distances, items = model.kneighbors(rows[item], n_neighbors=count)
            return [(int(other), 1 - float(far)) for other, far in zip(items[0], distances[0], strict=True)]

        return ask

    def multiply(self, left: Csr, right: Csr) -> Csr:
        return multiply(left, right)
