"""What the document of Messages says of each operation. Written by `portico sdk`."""

# ruff: noqa: E501, F401, I001  (texts are as long as they are, and every module imports the same)

from __future__ import annotations

from ._runtime.forms import Part
from ._runtime.operation import Content, Operation, Pages, Parameter, Property
from ._runtime.sdk import Scheme, Sdk

SDK = Sdk(
    name="messages",
    version="1.0.0",
    title="Messages",
    models="messages.models",
    base_path="/messages/v1",
    client_id="sdk",
    region="us-east-1",
)

answer_message = Operation(
    "answerMessage", "POST", "/messages",
    bodies=(
        Content("application/json", "json", "Message"),
    ),
    body_required=True,
    properties=(
        Property("text", "text", required=True),
    ),
    result="Answer",
    kind="json",
    accept="application/json, application/problem+json",
)
