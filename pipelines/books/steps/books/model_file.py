"""The model as a safetensors file: a table of neighbours with names."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from books.matrix import Matrix
from books.table import Table
from step_io.safetensors_file import text_tensors, write_model

FORMAT = "books-neighbours/1"
"""Layout of the tensors; the serving refuses any other."""


def save_model(path: Path, matrix: Matrix, table: Table, facts: Mapping[str, object]) -> int:
    """
    Writes neighbours [items, n] I32 and scores [items, n] F32, readers [items] I32, ids and titles as text.

    `facts` are data, parameters and metrics. Returns the size in bytes.
    """
    tensors: dict[str, npt.NDArray[Any]] = {
        "neighbours": table.neighbours,
        "scores": table.scores,
        "readers": np.diff(matrix.ratings.indptr).astype(np.int32),
        **text_tensors(items=matrix.items, titles=matrix.titles),
    }
    return write_model(path, FORMAT, tensors, facts)
