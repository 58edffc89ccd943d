"""What a schema cannot say: which cursors and models there are, and where a webhook may be sent from a test."""

import uuid

import schemathesis
from schemathesis.generation import GenerationMode

OWNER, NAME = "Qwen", "Qwen3-8B"


@schemathesis.hook
def before_call(context, case, kwargs):
    """Good requests do without a cursor, ask for a model that is there half of the time, and stay on this machine."""
    if not case.meta or case.meta.generation.mode != GenerationMode.POSITIVE:
        return
    if case.query:
        case.query.pop("cursor", None)
    places = case.path_parameters
    if places and "owner" in places and len(str(places["name"])) % 2 == 0:
        places.update(owner=OWNER, name=NAME)
    # What was asked for under a key that comes again may be gone since.
    if case.headers and "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = uuid.uuid4().hex
    if isinstance(case.body, dict) and "url" in case.body:
        case.body["url"] = "https://127.0.0.1:8443/hook"
