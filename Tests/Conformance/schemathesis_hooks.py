"""What a schema cannot say: a cursor is what an earlier answer gave, so a made-up one that looks like one is refused."""

import schemathesis
from schemathesis.generation import GenerationMode


@schemathesis.hook
def before_call(context, case, kwargs):
    """Requests that are meant to be good do without a cursor."""
    if case.meta and case.meta.generation.mode == GenerationMode.POSITIVE and case.query:
        case.query.pop("cursor", None)
