"""What each call answers."""

from __future__ import annotations

import json
from array import array
from typing import Any

import pytest
import tenantry
from conftest import MILLISECONDS, NOW, request_of
from tenantry import NOBODY, UNKNOWN, Directory, Policy, TenantryError
from tenantry.documents import Snapshot


def canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def test_a_policy_comes_as_table_text_or_bytes() -> None:
    text = Policy.preset("starter").document_json()
    for document in [text, text.encode(), json.loads(text)]:
        policy = Policy.parse(document)
        assert policy.digest == Policy.preset("starter").digest
        assert policy.name == "starter"
        assert "member.remove" in policy.actions
    assert canonical(Policy.parse(text).document()) == text


def test_a_policy_comes_as_toml() -> None:
    policy = Policy.parse_toml('tenantry = 1\nname = "mine"\nextends = "starter"\n[actions]\n"report.read" = {}')
    assert "report.read" in policy.actions
    assert repr(policy).startswith('<tenantry.Policy "mine" ')


def test_decisions_are_the_same_as_table_and_as_text(directory: Directory) -> None:
    for request in [request_of("ann", "member.remove", target="cem"), request_of("cem", "member.remove", target="ann")]:
        decision = directory.decide(request)
        assert canonical(decision) == directory.decide_json(request) == directory.decide_json(json.dumps(request).encode())
        assert canonical(tenantry.public(decision)) == tenantry.public_json(decision)
        assert canonical(tenantry.audit(decision)) == tenantry.audit_json(decision)
        assert canonical(directory.explain(request)) == directory.explain_json(request)
        assert directory.explain(request)["decision"] == decision


def test_an_allowed_decision_is_applied(directory: Directory) -> None:
    decision = directory.decide(request_of("ann", "member.remove", target="cem"))
    assert decision["effect"] == "allow"
    assert [event["event"] for event in decision.get("events", [])] == ["role.taken", "member.removed"]
    directory.apply(decision, NOW)
    assert directory.denial("ann", "member.remove", NOW, target="cem") == "already_ended"
    assert canonical(directory.snapshot()) == directory.snapshot_json()
    assert Directory(directory.policy, directory.snapshot()).snapshot_json() == directory.snapshot_json()


def test_a_denial_has_a_code_and_what_would_help(directory: Directory) -> None:
    decision = directory.decide(request_of("ann", "member.leave"))
    assert decision["effect"] == "deny"
    assert (decision["code"], decision["message"]) == ("below_minimum", "Make another person owner first.")
    public = tenantry.public(decision)
    assert public.get("remedies") == decision.get("remedies") != []
    assert "reasons" not in public


def test_questions_by_ids(directory: Directory) -> None:
    assert directory.can("bob", "member.remove", NOW, "cem") is True
    assert directory.can("cem", "member.remove", MILLISECONDS, target="bob") is False
    assert directory.denial("bob", "member.remove", NOW, "cem") is None
    assert directory.denial("bob", "member.remove", NOW, "ann", "acme") == "outranked"
    assert directory.denial("bob", "member.set_roles", NOW, "cem", role="owner") == "outranked"
    assert directory.denial("nobody", "member.list", NOW) == "actor_unknown"
    assert directory.denial("ann", "member.remove", NOW, "cem", scope="elsewhere") == "not_found"


def test_questions_as_documents(directory: Directory) -> None:
    question: Any = {"actor": {"invitee": {"email": "eve@acme.example", "verified": True}}, "action": "invitation.accept", "invitation": "i1", "now": NOW}
    denial = directory.denial_of(question)
    assert denial is not None
    assert canonical(denial) == directory.denial_json(question)
    assert directory.can_json(question) == "false"
    assert directory.denial_of({"actor": {"user": "ann"}, "action": "member.list", "now": NOW}) is None


def test_questions_with_facts() -> None:
    policy = Policy.parse(
        {
            "tenantry": 1,
            "name": "facts",
            "roles": {"organization": {"member": {"rank": 1, "default": True}}},
            "actions": {"flow.edit": {}},
            "attributes": {"resource": ["section"], "context": ["mfa"]},
            "allow": [{"id": "a", "actions": ["flow.edit"], "resource": {"section": "fleet"}, "context": {"mfa": True}}],
        }
    )
    snapshot: Snapshot = {
        "tenantry": 1,
        "organization": "acme",
        "scopes": [{"id": "acme", "kind": "organization"}],
        "users": [{"id": "ann"}],
        "grants": [{"scope": "acme", "user": "ann", "role": "member"}],
    }
    directory = Directory(policy, snapshot)
    assert directory.can("ann", "flow.edit", NOW, resource={"section": "fleet"}, context={"mfa": True})
    assert not directory.can("ann", "flow.edit", NOW, resource={"section": "sea"}, context={"mfa": True})
    assert not directory.can("ann", "flow.edit", NOW, resource={"section": "fleet"})
    with pytest.raises(TenantryError) as raised:
        directory.can("ann", "flow.edit", NOW, context={"mfaa": True})
    assert raised.value.code == "bad_value"


def test_questions_by_numbers(directory: Directory) -> None:
    ann, bob, cem = (directory.user_number(user) for user in ["ann", "bob", "cem"])
    acme, remove = directory.scope_number("acme"), directory.policy.action_number("member.remove")
    assert directory.can_by_number(bob, remove, acme, MILLISECONDS, cem) is True
    assert directory.denial_by_number(bob, remove, acme, MILLISECONDS, cem) is None
    assert directory.denial_by_number(bob, remove, acme, MILLISECONDS, ann) == "outranked"
    set_roles = directory.policy.action_number("member.set_roles")
    owner = directory.role_number(acme, "owner")
    assert directory.denial_by_number(bob, set_roles, acme, MILLISECONDS, cem, owner) == "outranked"
    assert directory.user_id(cem) == "cem"
    assert [directory.user_number("eve"), directory.scope_number("eve"), directory.role_number(acme, "eve")] == [UNKNOWN] * 3
    assert directory.policy.action_number("eve") == NOBODY
    assert directory.user_id(NOBODY) is None
    assert directory.denial_by_number(NOBODY, remove, acme, MILLISECONDS, cem) == "actor_unknown"
    assert directory.denial_by_number(ann, NOBODY, acme, MILLISECONDS) == "not_permitted"


def test_a_number_outlives_the_member(directory: Directory) -> None:
    ann, cem = directory.user_number("ann"), directory.user_number("cem")
    acme, remove = directory.scope_number("acme"), directory.policy.action_number("member.remove")
    directory.apply(directory.decide(request_of("ann", "member.remove", target="cem")), NOW)
    assert directory.denial_by_number(ann, remove, acme, MILLISECONDS, cem) == "already_ended"
    assert directory.user_number("cem") == cem


def test_rows_of_the_page(directory: Directory) -> None:
    query: Any = {"actor": {"user": "bob"}, "now": NOW, "actions": ["member.remove", "member.set_roles"]}
    page = directory.page(query)
    assert canonical(page) == directory.page_json(query)
    assert [(row["user"], row["actions"]) for row in page["members"]] == [("ann", 0), ("bob", 0), ("cem", 3), ("dóra", 3)]
    columns = directory.columns(query)
    assert isinstance(columns.users, array) and isinstance(columns.actions, array)
    assert (columns.users.typecode, columns.actions.typecode) == ("I", "Q")
    assert memoryview(columns.actions).tolist() == [0, 0, 3, 3]
    assert [directory.user_id(user) for user in columns.users] == ["ann", "bob", "cem", "dóra"]
    assert columns.names == ("member.remove", "member.set_roles")
    assert columns.denied is None


def test_columns_that_are_not_shown(directory: Directory) -> None:
    columns = directory.columns({"actor": {"user": "eve"}, "now": NOW})
    assert (columns.denied, list(columns.users)) == ("actor_unknown", [])


def test_menus_and_who_can(directory: Directory) -> None:
    question: Any = {"actor": {"user": "bob"}, "now": NOW, "target": "cem"}
    permitted = {verdict["action"]: verdict["allowed"] for verdict in directory.permitted(question)}
    assert permitted["member.remove"] and not permitted["member.edit"]
    assert canonical(directory.permitted(question)) == directory.permitted_json(question)
    who: Any = {"viewer": {"user": "ann"}, "action": "member.remove", "now": NOW, "target": "cem"}
    assert directory.who_can(who) == ["ann", "bob"]
    assert canonical(directory.who_can(who)) == directory.who_can_json(who)


def test_what_a_request_needs() -> None:
    policy = Policy.preset("starter")
    request = request_of("ann", "member.remove", target="cem")
    needs = policy.needs("acme", request)
    assert {"need": "user", "id": "cem"} in needs
    assert canonical(needs) == policy.needs_json("acme", request)


def test_the_analysis_of_a_policy() -> None:
    policy, other = Policy.preset("inveterate"), Policy.preset("starter")
    nobody = [answer["role"]["role"] for answer in policy.prove()["escalation"] if not answer["coalitions"]]
    assert nobody == ["owner"]
    proof = policy.prove(claims=["admin never owner", "admin never admin"])
    assert [claim["verdict"] for claim in proof["claims"]] == ["proved", "attack"]
    with pytest.raises(TenantryError) as raised:
        policy.prove(claims=["admin never owner", "always king"])
    assert (raised.value.code, raised.value.path) == ("bad_value", "claims[1]")
    assert policy.matrix()["policy"] == "inveterate"
    assert policy.matrix_html().startswith("<!")
    assert policy.diff(policy)["changes"] == []
    assert policy.diff(other)["changes"]


def test_the_catalogue() -> None:
    assert canonical(tenantry.codes()) == tenantry.codes_json()
    assert {entry["code"] for entry in tenantry.codes()} > {"not_permitted", "below_minimum"}


def test_what_a_directory_says_of_itself(directory: Directory) -> None:
    assert directory.organization == "acme"
    assert directory.policy.name == "starter"
    assert repr(directory) == "<tenantry.Directory 'acme'>"


def test_ids_of_every_script(directory: Directory) -> None:
    assert directory.can("bob", "member.remove", NOW, target="dóra")
    names = ["王伟", "🦊", "a" * 255, "ﬁ", "e\u0301", "\u202eabc", "zero\u0000width"]
    for name in names:
        assert directory.denial(name, "member.list", NOW) == "actor_unknown"
        decision = directory.decide(request_of("ann", "invitation.create", email="x@acme.example", name=name, roles=["member"]))
        assert name in json.dumps(decision, ensure_ascii=False) or decision["effect"] == "deny" or "\u0000" in name
