"""The model as a safetensors file: a table of neighbours with names, and nothing that could run."""

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from books.files import write_whole
from books.matrix import Matrix, packed
from books.table import Table

FORMAT = "books-neighbours/1"
"""Layout of the tensors; the serving refuses any other."""

DTYPES = {"float32": "F32", "int32": "I32", "int64": "I64", "uint8": "U8"}


def save_model(path: Path, matrix: Matrix, table: Table, facts: Mapping[str, object]) -> int:
    """
    Writes neighbours [items, n] I32 and scores [items, n] F32, readers [items] I32, ids and titles as text.

    `facts` (data, parameters, metrics) go into the metadata as JSON texts. Returns the size in bytes.
    """
    tensors: dict[str, npt.NDArray[Any]] = {
        "neighbours": table.neighbours,
        "scores": table.scores,
        "readers": np.diff(matrix.ratings.indptr).astype(np.int32),
    }
    for name, texts in (("items", matrix.items), ("titles", matrix.titles)):
        tensors[name], tensors[f"{name}_ends"] = packed(texts)
    metadata = {"format": FORMAT, **{key: json.dumps(value, sort_keys=True) for key, value in facts.items()}}
    return write_safetensors(path, tensors, metadata)


def write_safetensors(path: Path, tensors: Mapping[str, npt.NDArray[Any]], metadata: Mapping[str, str]) -> int:
    """Header length (8 bytes, little endian), header (JSON, padded to 8 bytes), tensors one after the other."""
    # Wide elements first, so that each tensor begins at a multiple of its element size.
    ordered = sorted(tensors.items(), key=lambda tensor: (-tensor[1].itemsize, tensor[0]))
    header: dict[str, object] = {"__metadata__": dict(metadata)}
    at = 0
    for name, tensor in ordered:
        end = at + tensor.nbytes
        header[name] = {"dtype": DTYPES[str(tensor.dtype)], "shape": list(tensor.shape), "data_offsets": [at, end]}
        at = end
    text = json.dumps(header, sort_keys=True, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    parts = [np.ascontiguousarray(tensor).tobytes() for _, tensor in ordered]
    return write_whole(path, [struct.pack("<Q", len(text)), text, *parts])
