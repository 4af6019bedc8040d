"""The state of one organization."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, Union, cast, final

from . import _native

if TYPE_CHECKING:
    from .documents import (
        Denial,
        Explanation,
        PageQuery,
        PermittedQuery,
        Query,
        Request,
        Snapshot,
        Verdict,
        WhoCanQuery,
    )

    Json = Union[str, bytes]


@final
class Directory(_native.Directory):
    """The state of one organization under a policy. Threads share it: questions run side by side, decisions one by one.

    >>> from tenantry import Directory, Policy
    >>> directory = Directory(Policy.preset("starter"), {
    ...     "tenantry": 1, "organization": "acme", "scopes": [{"id": "acme", "kind": "organization"}],
    ...     "users": [{"id": "ann"}, {"id": "bob"}],
    ...     "grants": [{"scope": "acme", "user": "ann", "role": "owner"}, {"scope": "acme", "user": "bob", "role": "admin"}]})
    >>> now = "2026-01-15T09:00:00Z"
    >>> directory.can("ann", "member.remove", now, target="bob")
    True
    >>> directory.denial("bob", "member.set_roles", now, target="bob", role="owner")
    'outranked'
    """

    __slots__ = ()

    def decide_json(self, request: Request | Json, /) -> str:
        """`decide`, with the decision as canonical JSON."""
        return self._ask_json("decide", request)

    def denial_of(self, question: Query | Json, /) -> Denial | None:
        """`denial` for any actor and subject, asked as a document: code and message; `None` if nothing speaks against it."""
        return cast("Denial | None", self._ask("denial", question))

    def denial_json(self, question: Query | Json, /) -> str:
        """The same as canonical JSON."""
        return self._ask_json("denial", question)

    def can_json(self, question: Query | Json, /) -> str:
        """Whether nothing speaks against what a document asks, as canonical JSON."""
        return self._ask_json("can", question)

    def permitted(self, question: PermittedQuery | Json, /) -> list[Verdict]:
        """Every action about a user, an invitation or the scope itself, with its verdict: what a row menu shows."""
        return cast("list[Verdict]", self._ask("permitted", question))

    def permitted_json(self, question: PermittedQuery | Json, /) -> str:
        """The same as canonical JSON."""
        return self._ask_json("permitted", question)

    def page_json(self, query: PageQuery | Json, /) -> str:
        """`page` as canonical JSON."""
        return self._ask_json("page", query)

    def who_can(self, question: WhoCanQuery | Json, /) -> list[str]:
        """The users who can do it, as far as the viewer may see them."""
        return cast("list[str]", self._ask("who_can", question))

    def who_can_json(self, question: WhoCanQuery | Json, /) -> str:
        """The same as canonical JSON."""
        return self._ask_json("who_can", question)

    def explain(self, request: Request | Json, /) -> Explanation:
        """Why a request is decided as it is: every rule that was tried, and the word on which it failed first."""
        return cast("Explanation", self._ask("explain", request))

    def explain_json(self, request: Request | Json, /) -> str:
        """The same as canonical JSON."""
        return self._ask_json("explain", request)

    def snapshot(self) -> Snapshot:
        """The state as a snapshot: a directory of it is equal to this one."""
        return cast("Snapshot", self._snapshot())

    def __repr__(self) -> str:
        return f"<tenantry.Directory {self.organization!r}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Directory cannot be pickled: send its snapshot_json() and build it anew")

    def __init_subclass__(cls, **_: Any) -> NoReturn:
        raise TypeError("a Directory has no subclasses")
