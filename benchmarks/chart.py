"""Draws what `python -m benchmarks --json` has printed: python -m benchmarks.chart FILE.json FILE.png

Needs matplotlib: .venv/bin/python -m pip install matplotlib
"""

from __future__ import annotations

import json
import statistics
import sys
from pathlib import Path
from typing import Any

OURS, OTHERS = "#0b6e4f", "#9aa5b1"


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__)
        return 2
    try:
        import matplotlib
    except ImportError:
        print("matplotlib is not installed: .venv/bin/python -m pip install matplotlib", file=sys.stderr)
        return 2
    matplotlib.use("Agg")
    draw(json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2]))
    return 0


def draw(measured: dict[str, Any], picture: Path) -> None:
    """A row of two panels for each disk: acknowledgements a second, and the 99th percentile of their latency."""
    from matplotlib import pyplot

    disks = measured["disks"]
    figure, axes = pyplot.subplots(len(disks), 2, figsize=(11, 4.2 * len(disks)), squeeze=False, layout="constrained")
    for (slow_ms, rounds), (left, right) in zip(disks.items(), axes, strict=True):
        disk = f"each fsync {slow_ms} ms slower" if float(slow_ms) else "this disk"
        bars(left, f"acknowledgements a second, {disk}", medians(rounds, "acks_per_s"))
        bars(right, f"99th percentile, ms, {disk}", medians(rounds, "p99_ms"))
    figure.suptitle(f"{measured['connections']} connections, {measured['machine']}; medians", fontsize=9)
    figure.savefig(picture, dpi=130)


def medians(rounds: dict[str, list[dict[str, float]]], name: str) -> dict[str, float]:
    return {contender: statistics.median(r[name] for r in results) for contender, results in rounds.items()}


def bars(axes: Any, title: str, values: dict[str, float]) -> None:
    names = list(reversed(values))
    colours = [OURS if name.startswith("ours") else OTHERS for name in names]
    drawn = axes.barh(names, [values[name] for name in names], color=colours)
    axes.bar_label(drawn, fmt="{:,.0f}", padding=3, fontsize=8)
    axes.set_title(title, fontsize=10, loc="left")
    axes.tick_params(labelsize=8)
    axes.set_xlim(right=max(values.values()) * 1.15)
    axes.spines[["top", "right"]].set_visible(False)


if __name__ == "__main__":
    sys.exit(main())
