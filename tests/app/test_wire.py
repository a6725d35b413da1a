"""The TypeScript types are those of the server."""

from __future__ import annotations

from pathlib import Path

from sparseview.app.wire import typescript

SCHEMA = Path(__file__).resolve().parents[2] / "frontend" / "src" / "api" / "schema.ts"


def test_the_committed_schema_is_the_generated_one() -> None:
    assert SCHEMA.read_text("utf-8") == typescript(), (
        "run: python -m sparseview.app.wire > frontend/src/api/schema.ts"
    )


def test_the_schema_says_what_json_will_hold() -> None:
    text = typescript()
    state = text[text.index("export interface State {") :].partition("}")[0]
    assert "readonly model: ModelFacts | null;" in state
    assert "readonly recent: readonly Recent[];" in state
    settings = text[text.index("export interface Settings {") :].partition("}")[0]
    assert "'dark' | 'light' | 'system'" in settings
    request = text[text.index("export interface PruneRequest {") :].partition("}")[0]
    assert "readonly weights: readonly number[];" in request
    assert "readonly sparsity?: number | null;" in request
    assert "readonly in: readonly number[];" in text
    assert "| StateEvent" in text[text.index("export type Event =") :]
