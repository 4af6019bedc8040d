"""The one exception of the package."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .documents import Decision, ErrorDocument, Need, Problem, Replaced


class TenantryError(Exception):
    """A malformed question, a bad document, or a decision that cannot be applied. A denial is a decision and no error.

    >>> from tenantry import Policy, TenantryError
    >>> try:
    ...     Policy.preset("startr")
    ... except TenantryError as error:
    ...     print(error.code, "|", error)
    unknown_preset | no preset is called `startr`; did you mean `starter`?
    """

    json: str
    """The whole error as canonical JSON, the same in every host."""
    code: str
    """The stable code: `bad_policy`, `missing_facts`, `stale`, ..."""
    message: str
    """The sentence that goes with it."""
    path: str | None
    """Where the first fault is, if the error is about a place in a document."""
    problems: list[Problem]
    """Every problem of a policy (`bad_policy`)."""
    missing: list[Need]
    """The facts that a slice has to hold beside those it holds (`missing_facts`)."""
    fresh: Decision | Replaced | None
    """What the answer is now (`stale`, `late`): a decision, or the error in its place."""

    def __init__(self, text: str, /) -> None:
        # Most programs that import the package never get here.
        import json

        super().__init__(text)
        document: ErrorDocument = json.loads(text)
        self.json = text
        self.code = document["code"]
        self.message = document["message"]
        self.path = document.get("path")
        self.problems = document.get("problems", [])
        self.missing = document.get("missing", [])
        self.fresh = document.get("fresh")

    def __str__(self) -> str:
        return self.message
