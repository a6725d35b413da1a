"""Routes about what is carried on: recipes, masks, and how a save would store the weights."""

from __future__ import annotations

import msgspec
from flask import Blueprint, Response, request

from sparseview.app.server.desk import Desk
from sparseview.app.server.replies import absolute, body, problem_of, reply
from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.model.edits import Edit
from sparseview.progress import Progress
from sparseview.pruning.recipe import Recipe
from sparseview.review.masks import Masks
from sparseview.review.provenance import embedded, load, write
from sparseview.review.storing import StoreOptions, store_options


class WriteRequest(msgspec.Struct, frozen=True):
    """A file to be written; overwrite: the user agreed."""

    path: str
    overwrite: bool = False


class ReplayRequest(msgspec.Struct, frozen=True):
    """A recipe, or the file (recipe or saved model) that holds it; force: on any source."""

    path: str | None = None
    recipe: Recipe | None = None
    force: bool = False


class Replayed(msgspec.Struct, frozen=True):
    """The labels of the edits that a recipe made."""

    labels: tuple[str, ...]
    revision: int


class Written(msgspec.Struct, frozen=True):
    """Where it was written."""

    path: str


def _embedded(model: Model) -> Recipe | None:
    try:
        return embedded(model)
    except SparseviewError as error:
        if error.code == "no-recipe":
            return None
        raise


def routes(desk: Desk) -> Blueprint:
    """Recipe, replay, masks, stores, whether the own file can be saved over."""
    pages = Blueprint("recipes", __name__)

    @pages.get("/api/recipe")
    def recipe() -> Response:
        if request.args.get("embedded") == "1":
            return reply(_embedded(desk.session.model))
        return reply(desk.session.recipe())

    @pages.post("/api/recipe")
    def save_recipe() -> Response:
        asked = body(WriteRequest)
        target = absolute(asked.path)
        write(desk.session.recipe(), target, asked.overwrite)
        return reply(Written(str(target)))

    @pages.post("/api/replay")
    def replay() -> Response:
        asked = body(ReplayRequest)
        found = asked.recipe
        if found is None:
            if asked.path is None:
                raise SparseviewError("No recipe is named.", "Choose its file.", "recipe")
            found = load(absolute(asked.path))
        session, wanted = desk.session, found
        done: list[Edit] = []

        def work(progress: Progress) -> None:
            done.extend(session.replay(wanted, asked.force, progress))

        desk.run("Replaying", work)
        return reply(Replayed(tuple(edit.label for edit in done), session.revision))

    @pages.get("/api/own-file")
    def own_file() -> Response:
        try:
            desk.session.check_own_file()
        except SparseviewError as error:
            return reply(problem_of(error))
        return reply(None)

    @pages.get("/api/stores")
    def stores() -> Response:
        session = desk.session
        found: list[StoreOptions] = []

        def work(progress: Progress) -> None:
            found.append(store_options(session.model, progress))

        desk.run("Counting", work)
        return reply(found[0])

    @pages.post("/api/masks")
    def masks() -> Response:
        asked = body(WriteRequest)
        session = desk.session
        done: list[Masks] = []

        def work(progress: Progress) -> None:
            done.append(session.export_masks(absolute(asked.path), asked.overwrite, progress))

        desk.run("Writing masks", work)
        return reply(done[0])

    return pages
