"""What an evaluation found, as a table: accuracy and drift on top, then the layers that differ."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.text import Text

from sparseview.cli.page import Column, print_columns, put
from sparseview.cli.text import clean, percent, plural, spread
from sparseview.runtime.accuracy import Accuracy
from sparseview.runtime.drift import Drift
from sparseview.runtime.evaluation import Evaluation, LayerRow


def print_evaluation(found: Evaluation, titles: Mapping[str, str], output: Path | None) -> None:
    """Print to standard output, or write plain text to a file. titles : the model's."""

    def draw(console: Console) -> None:
        title = Text(clean(found.model), "bold")
        title.append(f" · {clean(found.data.source)}", "dim")
        title.append(f" · {plural(found.data.samples, 'sample')}", "dim")
        if found.data.synthetic:
            title.append(" · SYNTHETIC: made-up data, no evidence of quality", "bold yellow")
        console.print(title, soft_wrap=True)
        for note in found.data.notes:
            console.print(Text(clean(note), "dim"), soft_wrap=True)
        console.print()
        baseline = found.baseline
        if found.accuracy is not None:
            line = Text("accuracy  ", "dim").append(_accuracy(found.accuracy), "bold not dim")
            if baseline is not None and baseline.accuracy is not None:
                line.append(f"   {clean(baseline.model)} {_accuracy(baseline.accuracy)}", "dim")
            console.print(line, soft_wrap=True)
        if baseline is None:
            return
        _drift(console, baseline.drift, clean(baseline.model))
        _layers(console, baseline.layers, titles, baseline.unchanged)

    put(draw, output)


def _accuracy(found: Accuracy) -> str:
    told = spread(found.top1, found.error)
    return told if found.top5 is None else f"{told} (first five {percent(found.top5)})"


def _drift(console: Console, drift: Drift, baseline: str) -> None:
    line = Text("drift     ", "dim").append(f"{number(drift.relative_l2)} relative L2", "bold")
    line.append(f" · cosine {number(drift.cosine)}", "not dim")
    if drift.top1_agreement is not None:
        line.append(f" · same class {percent(drift.top1_agreement)}", "not dim")
    if drift.kl is not None:
        line.append(f" · KL {number(drift.kl)} nats", "not dim")
    console.print(line.append(f"   from {baseline}", "dim"), soft_wrap=True)
    if drift.broken:
        console.print(
            Text(f"On {plural(drift.broken, 'sample')} it gives NaN or infinities.", "bold red"),
            soft_wrap=True,
        )
    if len(drift.outputs) > 1:
        for each in drift.outputs:
            told = f"  {clean(each.output)}: {number(each.relative_l2)}"
            console.print(Text(f"{told}, cosine {number(each.cosine)}", "dim"), soft_wrap=True)


def _layers(
    console: Console, rows: tuple[LayerRow, ...], titles: Mapping[str, str], unchanged: int
) -> None:
    if not rows:
        console.print(Text("No weight differs from the baseline's.", "dim"), soft_wrap=True)
        return
    console.print()
    columns = [
        Column("layer", [Text(clean(titles.get(row.layer, row.layer))) for row in rows]),
        Column("op", [Text(clean(row.op), "dim") for row in rows], drop=1),
        Column("input", [Text(str(row.input), "dim") for row in rows], right=True, drop=2),
        Column("error", [Text(number(row.error)) for row in rows], right=True),
    ]
    print_columns(console, columns, "layer")
    reasons: dict[str, int] = {}
    for row in rows:
        if row.why is not None:
            reasons[row.why] = reasons.get(row.why, 0) + 1
    for why, times in reasons.items():
        told = f"{plural(times, 'layer')} without an error: {clean(why)}."
        console.print(Text(told, "dim"), soft_wrap=True)
    if unchanged:
        told = f"{plural(unchanged, 'weight')} as in the baseline."
        console.print(Text(told, "dim"), soft_wrap=True)


def number(value: float | None) -> str:
    """Four digits that count; a dash where there is none."""
    return "–" if value is None else f"{value:.4g}"
