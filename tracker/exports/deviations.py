"""Deviations in words: what was assessed, and how one was closed."""

from __future__ import annotations

from collections.abc import Iterator

from schema.events.deviations import DeviationAssessed, DeviationClosed


def assessed_words(payload: DeviationAssessed) -> str:
    """Everything an assessment says, but the deviation it is about."""
    return ", ".join(_assessed(payload))


def _assessed(payload: DeviationAssessed) -> Iterator[str]:
    yield payload.severity.value
    yield f"cause {payload.cause.replace('_', ' ')}"
    about = f" for {', '.join(payload.units)}" if payload.units else ""
    yield f"decision {payload.decision.value.replace('_', ' ')}{about}"
    if payload.laboratory is not None:
        yield f"laboratory: {payload.laboratory.value.replace('_', ' ')}"
    if payload.retests is not None:
        yield f"retests allowed: {payload.retests}"
    if payload.capa is not None:
        yield f"action {payload.capa}"


def closed_words(payload: DeviationClosed) -> str:
    """How it was closed: with which action, and by when that must have helped."""
    action = f", action {payload.capa}" if payload.capa is not None else ""
    until = f", effective by {payload.effective_by}" if payload.effective_by is not None else ""
    return f"closed{action}{until}"
