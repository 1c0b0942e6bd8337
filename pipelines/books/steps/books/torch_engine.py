"""The GPU library: PyTorch on a CUDA card, or on the CPU where none answers, and the report says which."""

import warnings

import numpy as np
import torch

from books.bandwidth import bandwidth_of, check_bandwidth
from books.engine import Engine, Query
from books.matrix import Matrix
from books.sparse import Csr, from_sorted

# The notice would stand in every log; what is used of it is tested.
warnings.filterwarnings("ignore", message="Sparse CSR tensor support is in beta")

NO_CARD = "no GPU: CPU device"
EPSILON = 1e-6
"""As in the published recommender: keeps the cosine of an empty row finite."""

COPY_BYTES = 1 << 28


class TorchEngine(Engine):
    """Cosine of one row with all others as one sparse product."""

    name = "torch"

    def __init__(self) -> None:
        self.version = f"torch {torch.__version__}"
        self.on_card = torch.cuda.is_available()
        self.where = torch.device("cuda:0" if self.on_card else "cpu")
        self.device = torch.cuda.get_device_name(0) if self.on_card else NO_CARD
        self.bytes_per_query = 0
        self.speed: float | None = None

    def query(self, matrix: Matrix) -> Query:
        # Compressed rows: one pass over them answers a query, about thirty times faster than over coordinates.
        rows = self.compressed(matrix.ratings)
        parts = rows.crow_indices(), rows.col_indices(), rows.values()
        _, columns, values = parts
        lengths = torch.mv(
            self.compressed(matrix.ratings.squared()), torch.ones(len(matrix.users), device=self.where)
        ).sqrt()
        starts = matrix.ratings.indptr.tolist()
        self.bytes_per_query = sum(part.numel() * part.element_size() for part in parts)

        def ask(item: int, count: int) -> list[tuple[int, float]]:
            own = slice(starts[item], starts[item + 1])
            vector = torch.zeros(len(matrix.users), device=self.where)
            vector[columns[own]] = values[own]
            cosine = torch.mv(rows, vector) / (lengths * lengths[item]).clamp_min(EPSILON)
            scores, items = torch.topk(cosine, count)
            # Copying to the host waits for the card, so a clock read after this has seen the work done.
            answer = list(zip(items.tolist(), scores.tolist(), strict=True))
            self.synchronise()
            return answer

        return ask

    def multiply(self, left: Csr, right: Csr) -> Csr:
        product = torch.sparse.mm(self.coordinates(left), self.coordinates(right)).coalesce().cpu()
        rows, columns = product.indices().numpy()
        return from_sorted(rows, columns, product.values().numpy(), (left.height, right.columns))

    def check_timing(self, seconds: float) -> dict[str, object]:
        if not self.on_card:
            return {"bandwidthCheck": "not made: no card"}
        if self.speed is None:
            self.speed = bandwidth_of(self.device) or self.measured_speed()
        check_bandwidth(self.device, self.speed, self.bytes_per_query, seconds)
        return {
            "bandwidthCheck": "passed",
            "bytesPerQuery": self.bytes_per_query,
            "cardBytesPerSecond": self.speed,
        }

    def compressed(self, matrix: Csr) -> torch.Tensor:
        """The matrix on the device in compressed rows."""
        return torch.sparse_csr_tensor(
            torch.from_numpy(matrix.indptr.astype(np.int64)),
            torch.from_numpy(matrix.indices.astype(np.int64)),
            torch.from_numpy(np.ascontiguousarray(matrix.data)),
            (matrix.height, matrix.columns),
            device=self.where,
        )

    def coordinates(self, matrix: Csr) -> torch.Tensor:
        """The matrix on the device by coordinates: on the CPU only these can be multiplied with each other."""
        places = np.stack([matrix.rows(), matrix.indices]).astype(np.int64)
        return torch.sparse_coo_tensor(
            torch.from_numpy(places),
            torch.from_numpy(np.ascontiguousarray(matrix.data)),
            (matrix.height, matrix.columns),
            device=self.where,
            check_invariants=False,
        ).coalesce()

    def synchronise(self) -> None:
        if self.on_card:
            torch.cuda.synchronize()

    def measured_speed(self) -> float:
        """Bytes per second of the best of five copies within the card, for a card that is not in the list."""
        source = torch.ones(COPY_BYTES, dtype=torch.uint8, device=self.where)
        target = torch.empty_like(source)
        best = float("inf")
        for _ in range(5):
            begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
            begin.record()
            target.copy_(source)
            end.record()
            end.synchronize()
            best = min(best, begin.elapsed_time(end) / 1000)
        # A copy reads and writes each byte.
        return 2 * COPY_BYTES / best
