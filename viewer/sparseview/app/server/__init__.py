"""The local server: a Flask app over one Desk, served by waitress in a daemon thread."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from sparseview.app.server import (
    data,
    edit,
    events,
    evidence,
    export,
    files,
    graph,
    help,
    model,
    page,
    recipes,
    replies,
    security,
    sensitivity,
    storage,
    visible,
    weight,
)
from sparseview.app.server.desk import Desk
from sparseview.app.server.evaluated import Evaluated

THREADS = 12
__all__ = ["Desk", "create_app"]


def create_app(desk: Desk, lock: security.Lock, static: Path = page.STATIC) -> Flask:
    """Every route behind the lock; static: folder of the built front end."""
    app = Flask("sparseview", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = 16 * 2**20
    security.install(app, lock)
    replies.install(app)
    evaluated = Evaluated()
    for blueprint in (
        page.routes(desk, lock, static),
        model.routes(desk),
        graph.routes(desk),
        weight.routes(desk),
        edit.routes(desk, evaluated),
        data.routes(desk),
        evidence.routes(desk, evaluated),
        sensitivity.routes(desk),
        storage.routes(desk),
        visible.routes(desk),
        files.routes(desk),
        recipes.routes(desk),
        export.routes(desk),
        events.routes(desk),
        help.routes(),
    ):
        app.register_blueprint(blueprint)
    return app
