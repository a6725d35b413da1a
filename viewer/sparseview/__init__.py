"""Sparseview's Python API: `session = sparseview.open("model.onnx")`; imports nothing heavy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sparseview.errors import SparseviewError
from sparseview.version import VERSION as __version__

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from sparseview.model.save import SaveResult
    from sparseview.model.stores import Store
    from sparseview.pruning.recipe import Recipe
    from sparseview.pruning.request import PruneRequest
    from sparseview.session import Session

__all__ = [
    "PruneRequest",
    "Recipe",
    "Session",
    "SparseviewError",
    "__version__",
    "open",
    "prune",
]


def open(path: str | os.PathLike[str]) -> Session:
    """Open an .onnx file, without reading its weights.

    Parameters
    ----------
    path : the .onnx file; its external data are looked for beside it.

    Returns
    -------
    Session
        To look at, to prune, to save.

    Raises
    ------
    SparseviewError
        Where it is no model that can be read.

    Examples
    --------
    >>> import sparseview as sv
    >>> session = sv.open(model)
    >>> edit = session.prune("fc1", sparsity=0.5, format="2:4")
    >>> session.weights[0].sparsity, session.weights[0].format
    (0.5, '2:4')
    >>> result = session.save(out)
    >>> session.dirty
    False
    """
    from sparseview.session import Session

    return Session.open(path)


def prune(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    layers: str | None = None,
    *,
    protect: str | None = None,
    data: str | os.PathLike[str] | None = None,
    provider: str | None = None,
    reading: Mapping[str, Any] | None = None,
    recipe: str | os.PathLike[str] | None = None,
    store: Store | None = None,
    force: bool = False,
    overwrite: bool = False,
    **wish: Any,
) -> SaveResult:
    """Prune a model file into another one, annotated: the command `sparseview prune` in a line.

    Parameters
    ----------
    source, target : .onnx files. An existing target is replaced, the source itself only with
        `overwrite`.
    layers : a query such as "op:Conv"; None: every weight, embeddings apart.
    protect : a query; the layers that match stay as they are, besides those that the source says
        are never to be pruned.
    data : what the model is fed: .npz, a folder of .npz, .npy or images, test_data_set folders, or
        "synthetic:64". With it, and no `method`, what stays is reconstructed.
    provider : ONNX Runtime's execution provider that runs the model, "cuda"; None: the CPU.
    reading : how the data are read, as keywords of `Session.use_data`: {"images": "order=BGR"}.
    recipe : do what this recipe says instead of everything below; `force`: on any source.
    store : "onnx-sparse": weights that get smaller become ONNX sparse tensors (with `force` those
        that grow, too); "dense": sparse tensors become dense; None: each as it is.
    **wish : one of `sparsity` (0..1), `percentile` (0..100), `threshold` (on |w|); `format`
        ("unstructured", "2:4", "bsr:4x4", "channel:out" ...), `scope` ("layer", "global",
        "global-rms"), `budget` ("uniform", "overall", "sensitivity"), `levels` ({layer: 0..1}),
        `keep_ends`; with data also `method` ("wanda", "sparsegpt", "reconstruction") and its
        parameters, and instead of a target `max_drift` or `min_cosine`.

    Returns
    -------
    SaveResult
        Where it lies, and its bytes.

    Raises
    ------
    SparseviewError
        Where the wish makes no sense or nothing would change; nothing is written then.

    Examples
    --------
    >>> import sparseview as sv
    >>> result = sv.prune(model, out, percentile=50)
    >>> sv.open(out).report().summary.sparsity
    0.5
    """
    from pathlib import Path

    from sparseview.review.provenance import load

    session = open(source)
    try:
        there = Path(target)
        if there.exists() and there.samefile(Path(source)) and not overwrite:
            raise SparseviewError(
                f"{there} is the model itself.", "Give another name, or overwrite=True.", "exists"
            )
        if recipe is not None and (layers, protect, wish) != (None, None, {}):
            raise SparseviewError(
                "A recipe excludes all other options about pruning.", "Leave them out.", "recipe"
            )
        if data is not None:
            session.use_data(data, provider, **(reading or {}))
        if recipe is not None:
            session.protect(session.protected, False)  # the recipe says what stays
            session.replay(load(Path(recipe)), force)
        else:
            if protect is not None:
                session.protect(protect)
            session.prune(layers, **wish)
        return session.save(target, True, store=store, force=force)
    finally:
        session.close()


def __getattr__(name: str) -> Any:
    # numpy and onnx load only for those who use them.
    if name == "Session":
        from sparseview.session import Session

        return Session
    if name == "PruneRequest":
        from sparseview.pruning.request import PruneRequest

        return PruneRequest
    if name == "Recipe":
        from sparseview.pruning.recipe import Recipe

        return Recipe
    raise AttributeError(f"module 'sparseview' has no attribute {name!r}")
