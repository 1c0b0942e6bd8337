"""Ratings as their owner wrote them → one sparse matrix, by the rules of the published recommender."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from books import book_crossing, orange_table
from books.matrix import Matrix, assemble, save
from books.quoted_rows import show
from books.ratings import Ratings, Rows
from step_io.errors import StepError
from step_io.outputs import NO_OUTPUTS, Outputs
from step_io.reports import Report

MATRIX_FILE = "matrix.npz"
MANIFEST_FILE = "dataset.json"
"""Written by the download: name and sha256 of what was fetched, and the files that came out of it."""


@dataclass(frozen=True)
class PrepareOptions:
    task: str = "prepare-dataset"
    rating_above: float | None = None
    """Ratings above this are kept; by default what the dialect calls a liking: Book-Crossing 5, Orange 3."""
    readers_above: int = 2
    """Items with more than this many kept ratings stay."""
    broken_share: float = 0.001
    """The share of broken rows (0..1) beyond which a file is refused."""


@dataclass(frozen=True)
class Source:
    """The files of one dialect among those of a directory."""

    dialect: str
    label: str
    ratings: Path
    titles: Path | None
    rating_above: float
    read: Callable[[Path, float], Ratings]


def prepare(datadir: Path, options: PrepareOptions, outputs: Outputs = NO_OUTPUTS) -> dict[str, object]:
    """Writes `<datadir>/matrix.npz`, and the outputs of the task; returns the report."""
    report = Report(options.task, "prepare")
    manifest = read_manifest(datadir)
    source = find_source(datadir, manifest)
    rating_above = source.rating_above if options.rating_above is None else options.rating_above
    ratings = source.read(source.ratings, rating_above)
    ratings.rows.check(options.broken_share)
    kept, items, users = assemble(ratings, options.readers_above)
    if not items:
        raise StepError(
            f"{source.ratings.name} has no usable row: of {ratings.rows.read} ratings none is above {rating_above:g} "
            f"for an item with more than {options.readers_above} such ratings."
        )
    titles, title_rows = read_titles(source, set(items))
    about: dict[str, Any] = {
        "dialect": source.dialect,
        "label": source.label,
        "ratingAbove": rating_above,
        "readersAbove": options.readers_above,
        "name": manifest.get("name", source.ratings.name),
        "sha256": manifest.get("sha256") or sha256(source.ratings),
    }
    matrix = Matrix(
        kept,
        [item.decode("latin-1") for item in items],
        [user.decode("latin-1") for user in users],
        [titles.get(item, "") for item in items],
        about,
    )
    files = [ratings.rows]
    if title_rows:
        title_rows.check(options.broken_share)
        files.append(title_rows)
    size = save(datadir / MATRIX_FILE, matrix)
    report.add(
        data=about,
        rows=[rows.as_json() for rows in files],
        explicitRatings=ratings.explicit,
        matrix={"items": len(items), "users": len(users), "ratings": len(kept.data), "bytes": size},
        itemsWithoutTitle=sum(not title for title in matrix.titles),
    )
    written = report.write(datadir)
    outputs.parameter("path", str(datadir / MATRIX_FILE))
    return written


def read_titles(source: Source, wanted: set[bytes]) -> tuple[dict[bytes, str], Rows | None]:
    if source.titles is None:
        return {}, None
    return book_crossing.read_titles(source.titles, wanted)


def read_manifest(datadir: Path) -> dict[str, Any]:
    """What the download wrote beside the data; empty where the files were put there by hand."""
    path = datadir / MANIFEST_FILE
    try:
        manifest = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise StepError(f"{path} is not JSON ({error}): run the download again.") from error
    if not isinstance(manifest, dict):
        raise StepError(f"{path} is not a JSON object: run the download again.")
    return manifest


def find_source(datadir: Path, manifest: dict[str, Any]) -> Source:
    """Tells the dialect by the first rows of the files, not by their names."""
    if not datadir.is_dir():
        raise StepError(f"The data directory {datadir} does not exist: run the download first.")
    if "files" in manifest:
        files = [datadir / str(file["name"]) for file in manifest["files"]]
    else:
        files = sorted(path for path in datadir.iterdir() if path.suffix in {".csv", ".tab", ".tsv", ".txt"})
    heads = {path: first_rows(path) for path in files}
    ratings = [path for path, head in heads.items() if head[0] == book_crossing.RATINGS_HEADER]
    titles = [path for path, head in heads.items() if head[0] == book_crossing.BOOKS_HEADER]
    if ratings:
        if not titles:
            raise StepError(f"{ratings[0].name} is there, but no file beside it has the header of BX-Books.csv.")
        return Source(
            "book-crossing",
            "Book-Crossing",
            ratings[0],
            titles[0],
            5.0,
            book_crossing.read_ratings,
        )
    for path, head in heads.items():
        if orange_table.is_orange_table(head):
            label = "MovieLens 100k" if path.stem == "movielens100k" else path.stem
            return Source("orange-table", label, path, None, 3.0, orange_table.read_ratings)
    raise unknown_dialect(datadir, heads)


def unknown_dialect(datadir: Path, heads: dict[Path, list[bytes]]) -> StepError:
    known = "known are Book-Crossing's files (row 1 reads " + show(book_crossing.RATINGS_HEADER) + ") and Orange's .tab"
    for path, head in heads.items():
        if not any(head):
            return StepError(f"{path.name} row 1: the file is empty.")
        return StepError(f"{path.name} row 1: no known dialect begins with {show(head[0])}; {known}.")
    return StepError(f"{datadir} holds no .csv or .tab file to read: {known}.")


def first_rows(path: Path) -> list[bytes]:
    """The first three rows, each at most 4 KiB."""
    try:
        with path.open("rb") as file:
            return [file.readline(4096).rstrip(b"\r\n") for _ in range(orange_table.HEADER_ROWS)]
    except FileNotFoundError:
        raise StepError(f"{path} is named in {MANIFEST_FILE} but missing: run the download again.") from None


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
