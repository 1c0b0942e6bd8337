"""Files that are either whole or absent: written beside their place, synced, then renamed over it."""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path


def write_whole(path: Path, parts: Iterable[bytes | memoryview]) -> int:
    """Writes the parts to `path` in one rename; returns the size in bytes. A reader never sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    size = 0
    try:
        with beside.open("wb") as out:
            for part in parts:
                size += out.write(part)
            out.flush()
            os.fsync(out.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return size


def write_json(path: Path, value: Mapping[str, object]) -> None:
    """Writes JSON with sorted keys, so that equal values are equal bytes."""
    text = json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
    write_whole(path, [text.encode(), b"\n"])
