"""Tables of numbers and labels as CSV files."""

import csv
import io
from pathlib import Path

import numpy as np
import numpy.typing as npt

from step_io.errors import StepError
from step_io.files import write_whole

Numbers = npt.NDArray[np.float64]


def read_rows(path: Path) -> tuple[list[str], list[list[str]]]:
    """Head and rows; every row has as many cells as the head."""
    with path.open(newline="", encoding="utf-8") as file:
        head, *rows = [row for row in csv.reader(file) if row] or [[]]
    if not rows:
        raise StepError(f"{path.name} holds no row below its head.")
    for number, row in enumerate(rows, 2):
        if len(row) != len(head):
            raise StepError(f"{path.name} row {number}: it has {len(row)} cells where the head has {len(head)}.")
    return head, rows


def write_rows(path: Path, head: list[str], rows: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([head, *rows])
    write_whole(path, [text.getvalue().encode()])


def as_numbers(rows: list[list[str]], head: list[str], name: str) -> Numbers:
    """The cells as numbers."""
    for number, row in enumerate(rows, 2):
        for column, cell in zip(head, row, strict=True):
            if not is_number(cell):
                raise StepError(f'{name} row {number}, column {column}: "{cell[:30]}" is no number.')
    return np.array(rows, np.float64)


def is_number(cell: str) -> bool:
    try:
        return bool(np.isfinite(float(cell)))
    except ValueError:
        return False
