"""Runtimes and bytes of a weight in the real window: told, explained, counted on demand."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from layers import gemm_model, saved


def test_the_panel_tells_who_could_use_the_zeros_and_what_they_save(
    launch: Callable[..., Any], tmp_path: Path
) -> None:
    random = np.random.default_rng(0)
    weight = random.standard_normal((512, 512)).astype(np.float16)
    weight[:, 0::2] = 0
    weight[random.random(weight.shape) < 0.4] = 0
    app = launch(saved(gemm_model(weight), tmp_path))
    page = app.analysed()
    page.evaluate("window.sparseview.select([0])")
    told = page.locator(".runtimes")
    told.get_by_text("eligible: 2:4 in float16, 512 in, 512 out").wait_for()
    told.get_by_text("runs, no gain from zeros").wait_for()
    told.locator("summary").click()
    told.get_by_text("only a measurement tells").wait_for()

    storage = page.locator(".storage")
    line = storage.locator("tr", has_text="gzip of dense")
    line.get_by_text("≈").wait_for()
    storage.get_by_role("button", name="Compress all of it").click()
    line.get_by_text(f"{len(gzip.compress(weight.tobytes(), 6)):,}").wait_for()
    assert "≈" not in storage.inner_text()
    (smallest,) = storage.locator("tr.smallest").all_inner_texts()
    nonzeros = int(np.count_nonzero(weight))
    assert "bitmask smallest" in " ".join(smallest.split())
    assert f"{weight.size // 8 + 2 * nonzeros:,}" in smallest
    assert app.errors == []
