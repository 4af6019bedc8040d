"""What the docs and the page of the package show is true."""

from __future__ import annotations

import doctest
import inspect
import re
from pathlib import Path
from typing import Any

import pytest
import tenantry
from tenantry import _directory, _error, _native

PAGE = Path(__file__).parents[1] / "README.md"


def documented() -> list[tuple[str, str]]:
    """Every doc with an example, by the name of what it is about."""
    found = [("tenantry", inspect.getdoc(tenantry) or "")]
    for module in [_native, _directory, _error]:
        for name, thing in vars(module).items():
            if getattr(thing, "__module__", "").split(".")[0] != "tenantry":
                continue
            if inspect.isclass(thing) or inspect.isroutine(thing):
                found.append((name, inspect.getdoc(thing) or ""))
            if inspect.isclass(thing):
                members = [(f"{name}.{member}", inspect.getdoc(getattr(thing, member)) or "") for member in vars(thing) if member[0] != "_"]
                found.extend(members)
    return [(name, text) for name, text in found if ">>>" in text]


@pytest.mark.parametrize(("name", "text"), documented(), ids=lambda value: value if len(value) < 40 else "")
def test_examples_in_docs(name: str, text: str) -> None:
    test = doctest.DocTestParser().get_doctest(text, {}, name, None, None)
    said: list[str] = []
    result = doctest.DocTestRunner(verbose=False).run(test, out=said.append)
    assert result.attempted > 0
    assert result.failed == 0, "".join(said)


def test_there_are_examples() -> None:
    names = {name for name, _ in documented()}
    assert {"tenantry", "Policy", "Policy.parse", "Policy.needs", "Directory", "TenantryError"} <= names


def test_everything_public_has_a_doc() -> None:
    for name in tenantry.__all__:
        thing = getattr(tenantry, name)
        if name in ("NOBODY", "UNKNOWN"):
            continue
        assert thing.__doc__, name
        if inspect.isclass(thing):
            for member, value in vars(thing).items():
                assert member.startswith("_") or not hasattr(value, "__doc__") or value.__doc__ is not None, f"{name}.{member}"


def blocks() -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_the_page_runs() -> None:
    """All blocks of the page, in order, in one module: they are written to build on each other."""
    module: dict[str, Any] = {}
    for block in blocks():
        exec(compile(block, str(PAGE), "exec"), module)
    handle = module["handle"]
    rows = module["state"]

    class Transaction:
        """A database of one organization that holds it whole."""

        def __init__(self) -> None:
            self.written: list[Any] = []
            self.asked: list[Any] = []

        def load(self, needs: list[Any]) -> Any:
            self.asked.append(list(needs))
            return rows

        def write(self, event: Any) -> None:
            self.written.append(event)

    transaction = Transaction()
    request = {
        "tenantry": 1,
        "id": "r7",
        "now": "2026-01-15T09:00:00Z",
        "actor": {"user": "ann"},
        "action": "member.remove",
        "target": "bob",
    }
    shown = handle(module["policy"], "acme", request, transaction)
    assert shown == {"effect": "allow"}
    assert [event["event"] for event in transaction.written] == ["role.taken", "member.removed"]


def test_the_first_decision_is_short() -> None:
    assert len(blocks()[0].strip().splitlines()) < 10
