"""How good a table of neighbours is on ratings held out by a rule that any language can repeat."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from books.matrix import Matrix
from books.scipy_product import multiply
from books.sparse import Csr, Floats, from_sorted, top
from books.table import Table

Best = Callable[[Csr], npt.NDArray[np.int32]]
"""From the training items of some users to the ten best unseen items of each, -1 where there are fewer."""

K = 10
FEWEST_POSITIVES = 5
USERS_PER_STEP = 512


@dataclass(frozen=True)
class Split:
    """Users × items: what is trained on (as 0/1 and as rated), and what is held out (as 0/1)."""

    train: Csr
    train_ratings: Csr
    held: Csr

    @property
    def scored(self) -> npt.NDArray[np.intp]:
        """Users with something held out."""
        return np.flatnonzero(np.diff(self.held.indptr))


def split_by_hash(matrix: Matrix, name: str) -> Split:
    """
    Holds out floor(0.2·n) of each user with n ≥ 5 positives.

    The first in the order of the hexadecimal SHA-256 of `<split>|<user>|<item>`. Split `dev` is for choosing
    parameters, `a`, `b` and `c` are for reporting.
    """
    positives = matrix.ratings.transposed()
    held = np.zeros(len(positives.indices), bool)
    items = [item.encode("latin-1") for item in matrix.items]
    for user, (start, end) in enumerate(
        zip(positives.indptr[:-1].tolist(), positives.indptr[1:].tolist(), strict=True)
    ):
        if end - start < FEWEST_POSITIVES:
            continue
        prefix = hashlib.sha256(f"{name}|{matrix.users[user]}|".encode("latin-1"))
        keys = []
        for at in range(start, end):
            key = prefix.copy()
            key.update(items[positives.indices[at]])
            keys.append((key.digest(), at))
        keys.sort()
        held[[at for _, at in keys[: (end - start) // 5]]] = True
    users = positives.rows()

    def part(chosen: npt.NDArray[np.bool_]) -> Csr:
        shape = positives.height, positives.columns
        return from_sorted(users[chosen], positives.indices[chosen], positives.data[chosen], shape)

    train = part(~held)
    return Split(train.ones(), train, part(held).ones())


@dataclass(frozen=True)
class UserMetrics:
    """Figures of each user with held-out items, in the order of `Split.scored`."""

    recall10: npt.NDArray[np.float64]
    ndcg10: npt.NDArray[np.float64]
    hit_rate10: npt.NDArray[np.float64]
    coverage10: float
    """Share of the items that stand in anybody's first ten."""

    def means(self) -> dict[str, float]:
        return {
            "recall10": float(self.recall10.mean()),
            "ndcg10": float(self.ndcg10.mean()),
            "hitRate10": float(self.hit_rate10.mean()),
            "coverage10": self.coverage10,
        }


def user_metrics(split: Split, table: Table) -> UserMetrics:
    """Recall, NDCG and hit rate at 10 and coverage of score(j) = Σ sim(q, j) over the user's training items q."""
    similar = table.as_matrix()

    def best(train: Csr) -> npt.NDArray[np.int32]:
        scores = multiply(train, similar)
        return filled(top(without(scores, train), K)[0], train)

    return ranking_metrics(split, best)


def popularity_metrics(split: Split) -> UserMetrics:
    """The same for the best sellers: items by number of training positives, then by id."""
    counts = np.bincount(split.train.indices, minlength=split.train.columns)
    order = np.argsort(-counts, kind="stable").astype(np.int32)

    def best(train: Csr) -> npt.NDArray[np.int32]:
        ranked = np.full((train.height, K), -1, np.int32)
        for row, (start, end) in enumerate(zip(train.indptr[:-1], train.indptr[1:], strict=True)):
            seen = train.indices[start:end]
            candidates = order[: len(seen) + K]
            unseen = candidates[~np.isin(candidates, seen)][:K]
            ranked[row, : len(unseen)] = unseen
        return ranked

    return ranking_metrics(split, best)


def ranking_metrics(split: Split, best: Best) -> UserMetrics:
    """Of the users with held-out items; every unseen item takes part in the ranking."""
    gains = 1 / np.log2(np.arange(2, K + 2))
    ideal = np.cumsum(gains)
    parts = []
    recommended = np.zeros(split.train.columns, bool)
    users = split.scored
    for start in range(0, len(users), USERS_PER_STEP):
        chosen = users[start : start + USERS_PER_STEP]
        train, held = (pick(part, chosen) for part in (split.train, split.held))
        ranked = best(train)
        recommended[ranked[ranked >= 0]] = True
        hits = contains(held, ranked)
        most = np.minimum(np.diff(held.indptr), K)
        parts.append((hits.sum(axis=1) / most, (hits * gains).sum(axis=1) / ideal[most - 1], hits.any(axis=1)))
    recall, ndcg, hit_rate = (np.concatenate(column).astype(np.float64) for column in zip(*parts, strict=True))
    return UserMetrics(recall, ndcg, hit_rate, float(recommended.mean()))


def item_to_item(split: Split, table: Table) -> float:
    """Mean over users of the share of pairs (training item q, held-out item t) with t among q's ten neighbours."""
    near = table.first(K).as_matrix().ones()
    total = 0.0
    users = split.scored
    for start in range(0, len(users), USERS_PER_STEP):
        chosen = users[start : start + USERS_PER_STEP]
        train, held = (pick(part, chosen) for part in (split.train, split.held))
        reached = multiply(train, near)
        pairs = np.diff(train.indptr) * np.diff(held.indptr).astype(np.float64)
        in_held = np.isin(cells(reached), cells(held))
        hits = np.bincount(reached.rows()[in_held], reached.data[in_held], minlength=len(chosen))
        total += float((hits / pairs).sum())
    return total / len(users)


def pick(matrix: Csr, rows: npt.NDArray[np.intp]) -> Csr:
    """Some rows of a matrix."""
    lengths = np.diff(matrix.indptr)[rows]
    starts = matrix.indptr[rows]
    indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    at = np.repeat(starts - indptr[:-1], lengths) + np.arange(indptr[-1])
    return Csr(indptr, matrix.indices[at], matrix.data[at], matrix.columns)


def cells(matrix: Csr) -> npt.NDArray[np.int64]:
    """Each stored place as one number."""
    return matrix.rows().astype(np.int64) * matrix.columns + matrix.indices


def without(scores: Csr, seen: Csr) -> Csr:
    """Scores with those of the seen items set to 0."""
    data: Floats = scores.data.copy()
    data[np.isin(cells(scores), cells(seen))] = 0
    return Csr(scores.indptr, scores.indices, data, scores.columns)


def contains(held: Csr, ranked: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
    """Which of the ranked items are held out."""
    places = np.arange(len(ranked), dtype=np.int64)[:, None] * held.columns + ranked
    return np.isin(places, cells(held)) & (ranked >= 0)


def filled(ranked: npt.NDArray[np.int32], train: Csr) -> npt.NDArray[np.int32]:
    """Items without any score rank behind, in the order of their ids: they fill what is left of the ten."""
    for row in np.flatnonzero((ranked < 0).any(axis=1)):
        taken = set(ranked[row].tolist()) | set(train.indices[train.indptr[row] : train.indptr[row + 1]].tolist())
        spare = (item for item in range(train.columns) if item not in taken)
        ranked[row] = [item if item >= 0 else next(spare, -1) for item in ranked[row].tolist()]
    return ranked


def rounded(metrics: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 6) for name, value in metrics.items()}
