"""What became of each source: one JSON object a line, in the order of the sources, written as they end."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa

from .files import OutputFile, sink_errors
from .inputs import MANIFEST_NAME
from .stream import End

__all__ = ["MANIFEST_NAME", "ManifestFile"]


class ManifestFile(OutputFile):
    """The manifest of an output folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder / MANIFEST_NAME), pa.schema([]))

    def add(self, end: End) -> None:
        """A source is read. Raises SinkError."""
        line = json.dumps(_entry(end), ensure_ascii=False, separators=(",", ":")) + "\n"
        with sink_errors(self.path):
            self.file.write(line.encode("utf-8", "replace"))


def _entry(end: End) -> dict[str, Any]:
    """The counts of one source; `records` is the sum of what became of them."""
    counts = end.counts
    rows = end.rows_by_type.total()
    return {
        "source": end.source,
        "log_types": [log_type.name for log_type in end.log_types],
        "bytes": counts["bytes"],
        "records": rows + counts["outside"] + sum(counts["rejected"].values()),
        "rows": rows,
        "rows_by_type": dict(end.rows_by_type),
        "outside": counts["outside"],
        "rejected": counts["rejected"],
        "warnings": counts["warnings"],
        "blank": counts["blank"],
        "failed": end.failed,
    }
