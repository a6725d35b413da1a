"""The list of methods and the forms made from their parameters."""

from __future__ import annotations

import numpy as np
import pytest

from sparseview.errors import SparseviewError
from sparseview.pruning.methods import METHODS, form, get
from sparseview.sparsity.formats import FORMATS


def test_every_method_has_a_form_and_knows_its_formats():
    families = {f.family for f in FORMATS}
    for method in METHODS:
        assert method.label and method.summary.endswith(".")
        assert set(method.families) <= families
        for param in form(method):
            assert param.label and param.summary
            assert (param.kind == "choice") == bool(param.choices)


def test_the_form_of_magnitude():
    fields = {param.name: param for param in form(get("Magnitude"))}
    assert list(fields) == ["sparsity", "threshold", "scope"]
    assert (fields["sparsity"].kind, fields["sparsity"].default) == ("fraction", 0.5)
    assert fields["scope"].choices == ("layer", "global", "global-rms")


def test_an_unknown_method_is_told_with_the_list():
    with pytest.raises(SparseviewError, match="magnitude"):
        get("wish")


def test_scores_are_magnitudes_and_nan_is_largest():
    values = np.array([0.0, -2.0, np.nan, 3.0], np.float32)
    values.flags.writeable = False
    assert get("magnitude").scores(values).tolist() == [0, 2, np.inf, 3]
