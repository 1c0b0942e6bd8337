"""A table → rows to train on and rows to test on, each class in both in the same share."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from sklearn.model_selection import train_test_split

from iris.table import as_numbers, read_rows, write_rows
from step_io.errors import StepError

ROW = "row"
"""Column of the labels with the number of the row in the data: who is who in a comparison."""


@dataclass(frozen=True)
class Parts:
    """Files that are written."""

    x_train: Path
    x_test: Path
    y_train: Path
    y_test: Path


def data_preprocess(data: Path, label_colname: str, parts: Parts, test_share: float, seed: int) -> dict[str, object]:
    """Writes the four parts; the same data, share and seed give the same parts."""
    head, rows = read_rows(data)
    if label_colname not in head:
        raise StepError(f'{data.name} has no column "{label_colname}"; it has {", ".join(head)}.')
    if not 0 < test_share < 1:
        raise StepError(f"--test_share is {test_share:g}; it lies between 0 and 1.")
    label = head.index(label_colname)
    features = [name for name in head if name != label_colname]
    values = [[cell for at, cell in enumerate(row) if at != label] for row in rows]
    as_numbers(values, features, data.name)
    labels = [[str(number), row[label]] for number, row in enumerate(rows, 2)]
    classes = [name for _, name in labels]
    try:
        split = train_test_split(values, labels, test_size=test_share, random_state=seed, stratify=classes)
    except ValueError as error:
        raise StepError(f"{data.name} cannot be split by {label_colname}: {error}") from error
    x_train, x_test, y_train, y_test = split
    for path, x in ((parts.x_train, x_train), (parts.x_test, x_test)):
        write_rows(path, features, x)
    for path, y in ((parts.y_train, y_train), (parts.y_test, y_test)):
        write_rows(path, [ROW, label_colname], y)
    digest = hashlib.sha256(data.read_bytes()).hexdigest()
    return {"train": len(x_train), "test": len(x_test), "classes": sorted(set(classes)), "sha256": digest}
