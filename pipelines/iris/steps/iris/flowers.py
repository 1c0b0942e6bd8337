"""The table of irises that ships with scikit-learn, as a file with the head and the names of the published one."""

import sys
from pathlib import Path

from sklearn.datasets import load_iris

from step_io.files import write_whole

HEADER = "sepal_length,sepal_width,petal_length,petal_width,species"


def published_file() -> bytes:
    """Head and 150 rows of text, LF."""
    data = load_iris()
    rows = [
        ",".join([*(f"{value:.1f}" for value in row), str(data.target_names[target])])
        for row, target in zip(data.data, data.target, strict=True)
    ]
    return "".join(f"{line}\n" for line in [HEADER, *rows]).encode()


if __name__ == "__main__":
    write_whole(Path(sys.argv[1]), [published_file()])
