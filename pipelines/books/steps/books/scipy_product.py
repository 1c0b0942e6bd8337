"""The sparse product on the CPU, by SciPy."""

import numpy as np
import scipy.sparse

from books.sparse import Csr


def multiply(left: Csr, right: Csr) -> Csr:
    """left · right."""
    product = as_scipy(left) @ as_scipy(right)
    return Csr(product.indptr.astype(np.int32), product.indices.astype(np.int32), product.data, right.columns)


def as_scipy(matrix: Csr) -> scipy.sparse.csr_array:
    """The same matrix for SciPy, without a copy."""
    return scipy.sparse.csr_array((matrix.data, matrix.indices, matrix.indptr), shape=(matrix.height, matrix.columns))
