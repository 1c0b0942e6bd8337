"""The prepared ratings: a sparse matrix of items × users with its names, in one file that runs no code."""

import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from books.ratings import Ratings
from books.sparse import Csr, Ints, from_sorted
from step_io.errors import StepError
from step_io.files import write_whole
from step_io.safetensors_file import text_tensors, unpacked


@dataclass(frozen=True)
class Matrix:
    """Items × users, both in the byte order of their ids; absent is 0."""

    ratings: Csr
    items: list[str]
    users: list[str]
    titles: list[str]
    """One per item; empty where the data has none."""
    about: dict[str, Any]
    """Where the ratings come from and how they were prepared."""

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.items), len(self.users)


def assemble(ratings: Ratings, readers_above: int) -> tuple[Csr, list[bytes], list[bytes]]:
    """
    The matrix, item ids and user ids of the items with more than `readers_above` ratings.

    Of several ratings of one item by one user the first in the file counts; the others are noted as duplicates.
    """
    item_of = np.array(ratings.item_of, np.int64)
    user_of = np.array(ratings.user_of, np.int64)
    order = np.lexsort((np.array(ratings.row_of, np.int64), user_of, item_of))
    item_of, user_of = item_of[order], user_of[order]
    first = np.ones(len(order), bool)
    first[1:] = (np.diff(item_of) != 0) | (np.diff(user_of) != 0)
    ratings.rows.duplicate += int(len(first) - np.count_nonzero(first))
    item_of, user_of, order = item_of[first], user_of[first], order[first]

    enough = np.bincount(item_of, minlength=len(ratings.items)) > readers_above
    kept = enough[item_of]
    item_of, user_of, order = item_of[kept], user_of[kept], order[kept]
    values = np.array(ratings.value_of, np.float32)[order]

    items, item_rank = ranked(ratings.items, item_of)
    users, user_rank = ranked(ratings.users, user_of)
    order = np.lexsort((user_rank[user_of], item_rank[item_of]))
    shape = len(items), len(users)
    return from_sorted(item_rank[item_of][order], user_rank[user_of][order], values[order], shape), items, users


def ranked(ids: dict[bytes, int], used: npt.NDArray[np.int64]) -> tuple[list[bytes], Ints]:
    """The ids in use in byte order, and the place of each position in it."""
    names = np.array(list(ids), np.bytes_)
    positions = np.unique(used)
    positions = positions[np.argsort(names[positions], kind="stable")]
    rank = np.full(len(names), -1, np.int32)
    rank[positions] = np.arange(len(positions), dtype=np.int32)
    return names[positions].tolist(), rank


def save(path: Path, matrix: Matrix) -> int:
    """Writes the matrix; returns its size in bytes. scipy.sparse.load_npz reads the same file."""
    arrays: dict[str, npt.NDArray[Any]] = {
        "format": np.array(b"csr"),
        "shape": np.array(matrix.shape, np.int64),
        "indptr": matrix.ratings.indptr,
        "indices": matrix.ratings.indices,
        "data": matrix.ratings.data,
        "about": np.frombuffer(json.dumps(matrix.about, sort_keys=True).encode(), np.uint8),
    }
    arrays |= text_tensors(items=matrix.items, users=matrix.users, titles=matrix.titles)
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return write_whole(path, [buffer.getbuffer()])


def load(path: Path) -> Matrix:
    """Reads what `save` wrote; anything else is an error in one sentence."""
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        return Matrix(
            Csr(arrays["indptr"], arrays["indices"], arrays["data"], int(arrays["shape"][1])),
            unpacked(arrays["items"], arrays["items_ends"]),
            unpacked(arrays["users"], arrays["users_ends"]),
            unpacked(arrays["titles"], arrays["titles_ends"]),
            about=json.loads(arrays["about"].tobytes()),
        )
    except FileNotFoundError:
        raise StepError(f"{path} is missing: run the step `prepare` first.") from None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise StepError(f"{path} is not a whole prepared matrix ({error}): run the step `prepare` again.") from error
