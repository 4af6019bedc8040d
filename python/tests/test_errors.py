"""What is refused, and how: every malformed input ends in a TenantryError."""

from __future__ import annotations

import copy
import enum
import json
import pickle
from collections.abc import Callable
from typing import Any

import pytest
import tenantry
from conftest import NOW, request_of, snapshot_of
from tenantry import Directory, Policy, TenantryError
from tenantry.documents import Snapshot

CYCLE: list[Any] = []
CYCLE.append(CYCLE)


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value



def test_every_problem_of_a_policy_at_once() -> None:
    with pytest.raises(TenantryError) as raised:
        Policy.parse('{"tenantry": 1, "name": "p", "roles": {"organization": {"owner": {"rnk": 1}}}, "allow": [{"id": "a"}]}')
    error = raised.value
    assert error.code == "bad_policy"
    assert error.path == error.problems[0]["path"]
    assert len(error.problems) > 1
    assert any(problem.get("nearest") == "rank" for problem in error.problems)
    assert error.missing == [] and error.fresh is None


def test_what_a_slice_does_not_hold(snapshot: Snapshot) -> None:
    snapshot["slice"] = {"users": ["ann"], "memberships": ["ann"], "scopes": ["acme"]}
    snapshot["users"] = [{"id": "ann"}]
    snapshot["grants"] = [{"scope": "acme", "user": "ann", "role": "owner"}]
    with pytest.raises(TenantryError) as raised:
        Directory(Policy.preset("starter"), snapshot).decide(request_of("ann", "member.remove", target="cem"))
    assert raised.value.code == "missing_facts"
    assert {"need": "user", "id": "cem"} in raised.value.missing


def test_a_stale_decision_says_what_the_answer_is_now(directory: Directory) -> None:
    first = directory.decide(request_of("ann", "member.remove", target="cem"))
    directory.apply(directory.decide(request_of("ann", "member.set_roles", target="cem", roles=["admin"], id="r2")), NOW)
    with pytest.raises(TenantryError) as raised:
        directory.apply(first, NOW)
    fresh: Any = raised.value.fresh
    assert raised.value.code == "stale"
    assert fresh["effect"] == "allow"
    directory.apply(fresh, NOW)


def test_a_denial_cannot_be_applied(directory: Directory) -> None:
    with pytest.raises(TenantryError, match="nothing to apply"):
        directory.apply(directory.decide(request_of("cem", "member.remove", target="ann")), NOW)


def test_names_come_with_the_nearest(directory: Directory) -> None:
    with pytest.raises(TenantryError) as raised:
        directory.denial("ann", "member.remov", NOW, "cem")
    assert raised.value.code == "unknown_action"
    assert str(raised.value) == raised.value.message
    assert raised.value.message.endswith("did you mean `member.remove`?")


def test_an_error_is_the_same_document_in_every_host() -> None:
    with pytest.raises(TenantryError) as raised:
        Policy.preset("startr")
    document = json.loads(raised.value.json)
    assert document == {"code": "unknown_preset", "message": raised.value.message}
    again = pickle.loads(pickle.dumps(raised.value))
    assert isinstance(again, TenantryError)
    assert (again.code, again.message, again.json) == (raised.value.code, raised.value.message, raised.value.json)
    assert isinstance(again, Exception)


class Word(str):
    """A text of a class of its own."""


class Verb(str, enum.Enum):
    REMOVE = "member.remove"


VALUES = [
    float("nan"),
    float("inf"),
    1.5,
    1.0,
    1e300,
    2**63,
    2**64,
    -(2**63) - 1,
    10**5000,
    "\ud800",
    "a\udfffb",
    b"bytes",
    bytearray(b"{}"),
    {1, 2},
    object(),
    {1: 2},
    {"\ud800": 1},
    {None: 1},
    CYCLE,
    nested(100_000),
    [object()],
    ({"a": (1.5,)},),
    len,
    None,
    True,
    -1,
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_what_is_no_document(value: Any, directory: Directory) -> None:
    policy = directory.policy
    request: Any = {**request_of("ann", "member.remove"), "target": value}
    asked: Any = {**request, "context": {"a": value, "b": value}}
    listed: Any = [request, value]
    calls: list[Callable[[], object]] = [
        lambda: Policy.parse(value),
        lambda: Policy.parse({"tenantry": 1, "name": value}),
        lambda: Directory(policy, value),
        lambda: Directory(policy, {**snapshot_of({"ann": "owner"}), "users": value}),
        lambda: directory.decide(value),
        lambda: directory.decide_json(asked),
        lambda: directory.decide(listed),
        lambda: directory.explain(value),
        lambda: directory.page(value),
        lambda: directory.columns(value),
        lambda: directory.permitted(value),
        lambda: directory.who_can(value),
        lambda: directory.denial_of(value),
        lambda: directory.can_json(value),
        lambda: directory.apply(value, NOW),
        lambda: policy.needs("acme", value),
        lambda: tenantry.public(value),
        lambda: tenantry.audit(value),
    ]
    for call in calls:
        with pytest.raises(TenantryError) as raised:
            call()
        assert raised.value.code in {"bad_document", "bad_policy", "bad_snapshot", "bad_value"}


def test_texts_that_are_no_json(directory: Directory) -> None:
    texts: list[str | bytes] = ["", "{", "[]", "null", '{"tenantry": 2}', b"\xff\xfe", b'"\xed\xa0\x80"', "[" * 100_000, '{"a": "\\ud800"}']
    for text in texts:
        with pytest.raises(TenantryError):
            directory.decide(text)


def test_texts_of_other_classes_are_texts(directory: Directory) -> None:
    decision = directory.decide(request_of("ann", Verb.REMOVE, target=Word("cem")))
    assert decision == directory.decide(request_of("ann", "member.remove", target="cem"))
    assert directory.can("ann", Verb.REMOVE, NOW, Word("cem"))


def test_ids_that_are_no_text(directory: Directory) -> None:
    calls: list[Callable[[], object]] = [
        lambda: directory.can("\ud800", "member.remove", NOW),
        lambda: directory.denial("ann", "member.remove", NOW, target="\ud800"),
        lambda: directory.user_number("\udfff"),
        lambda: directory.policy.action_number("\udfff"),
        lambda: Policy.preset("\ud800"),
        lambda: Policy.parse_toml("\ud800"),
        lambda: directory.policy.needs("\ud800", "{}"),
    ]
    for call in calls:
        with pytest.raises(TenantryError) as raised:
            call()
        assert raised.value.code == "bad_document"
    wrong: Any
    for wrong in [1, None, b"ann", ["ann"]]:
        with pytest.raises(TypeError):
            directory.can(wrong, "member.remove", NOW)


def test_times_that_are_none(directory: Directory) -> None:
    decision = directory.decide(request_of("ann", "member.remove", target="cem"))
    now: Any
    for now in ["noon", "", "2026-01-15", "\ud800", 10**17, -(10**17), 2**63, 10**5000]:
        with pytest.raises(TenantryError) as raised:
            directory.can("ann", "member.list", now)
        assert raised.value.code in {"bad_value", "bad_document"}
        with pytest.raises(TenantryError) as raised:
            directory.apply(decision, now)
        assert raised.value.code in {"bad_value", "bad_document"}
    for now in [1.5, None, b"2026"]:
        with pytest.raises(TypeError):
            directory.can("ann", "member.list", now)


def test_numbers_that_do_not_fit(directory: Directory) -> None:
    for wrong in [-1, 2**32, 10**5000]:
        with pytest.raises(OverflowError):
            directory.can_by_number(wrong, 0, 0, 0)


@pytest.mark.parametrize("copied", [pickle.dumps, copy.copy, copy.deepcopy])
def test_pickling_is_refused_with_what_to_do_instead(copied: Any, directory: Directory) -> None:
    with pytest.raises(TypeError, match=r"snapshot_json\(\)"):
        copied(directory)
    with pytest.raises(TypeError, match=r"document_json\(\)"):
        copied(directory.policy)


def test_classes_are_closed(directory: Directory) -> None:
    with pytest.raises(TypeError):
        type("Mine", (Directory,), {})
    with pytest.raises(AttributeError):
        setattr(directory, "organization", "other")
    with pytest.raises(TypeError):
        Policy()
