"""Models as safetensors files: tensors with names, and nothing that could run."""

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from step_io.errors import StepError
from step_io.files import write_whole

DTYPES = {"float32": "F32", "float64": "F64", "int32": "I32", "int64": "I64", "uint8": "U8"}

Tensors = Mapping[str, npt.NDArray[Any]]


def write_model(path: Path, form: str, tensors: Tensors, facts: Mapping[str, object]) -> int:
    """
    Writes tensors; `form` names their layout, and the serving refuses one it does not know.

    `facts` (data, parameters, metrics) go into the metadata as JSON texts. Returns the size in bytes.
    """
    metadata = {"format": form, **{key: json.dumps(value, sort_keys=True) for key, value in facts.items()}}
    # Wide elements first, so that each tensor begins at a multiple of its element size.
    ordered = sorted(tensors.items(), key=lambda tensor: (-tensor[1].itemsize, tensor[0]))
    header: dict[str, object] = {"__metadata__": metadata}
    at = 0
    for name, tensor in ordered:
        end = at + tensor.nbytes
        header[name] = {"dtype": DTYPES[str(tensor.dtype)], "shape": list(tensor.shape), "data_offsets": [at, end]}
        at = end
    text = json.dumps(header, sort_keys=True, separators=(",", ":")).encode()
    # Header length (8 bytes, little endian), header (JSON, padded to 8 bytes), tensors one after the other.
    text += b" " * (-len(text) % 8)
    parts = [np.ascontiguousarray(tensor).tobytes() for _, tensor in ordered]
    return write_whole(path, [struct.pack("<Q", len(text)), text, *parts])


def read_facts(path: Path) -> dict[str, Any]:
    """Data, parameters and metrics of a model file, without its tensors."""
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            metadata = json.loads(file.read(length))["__metadata__"]
        return {name: json.loads(text) for name, text in metadata.items() if name != "format"}
    except FileNotFoundError:
        raise StepError(f"{path} is missing: run the training first.") from None
    except (struct.error, ValueError, KeyError, TypeError, OverflowError, MemoryError) as error:
        raise StepError(f"{path} is not a whole model ({error}): run the training again.") from error


def packed(texts: list[str]) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Texts as one run of UTF-8 bytes and the end of each."""
    encoded = [text.encode() for text in texts]
    return np.frombuffer(b"".join(encoded), np.uint8), np.cumsum([len(text) for text in encoded], dtype=np.int64)


def unpacked(text: npt.NDArray[np.uint8], ends: npt.NDArray[np.int64]) -> list[str]:
    """Texts from one run of UTF-8 bytes and the end of each."""
    whole = text.tobytes()
    starts = [0, *ends.tolist()]
    return [whole[start:end].decode() for start, end in zip(starts, ends.tolist(), strict=False)]


def text_tensors(**texts: list[str]) -> dict[str, npt.NDArray[Any]]:
    """Lists of texts as tensors: `<name>` the bytes, `<name>_ends` the end of each."""
    tensors: dict[str, npt.NDArray[Any]] = {}
    for name, entries in texts.items():
        tensors[name], tensors[f"{name}_ends"] = packed(entries)
    return tensors
