"""Plays a script of questions and writes the answers, to be compared with those of the other hosts.

    python player.py SCRIPT ANSWERS
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any, TextIO, TypeVar

from tenantry import NOBODY, Directory, Policy, TenantryError, audit_json, codes_json, public_json

Op = dict[str, Any]
T = TypeVar("T")


class Nothing(Exception):
    """The line needs a policy, a directory or a text that is not there."""


def canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


class Player:
    def __init__(self) -> None:
        self.cases = 0
        self.policy: Policy | None = None
        self.directory: Directory | None = None
        self.kept: dict[str, str] = {}

    def play(self, op: Op) -> str:
        plays: Callable[[Op], str] = getattr(self, "op_" + op["op"])
        if op["op"] == "case":
            return plays(op)
        try:
            return "ok " + plays(op)
        except TenantryError as error:
            return "error " + error.json
        except Nothing:
            return "none"

    def op_case(self, op: Op) -> str:
        self.policy, self.directory, self.kept = None, None, {}
        self.cases += 1
        return f"case {op['name']}"

    def op_preset(self, op: Op) -> str:
        self.policy, self.directory = None, None
        self.policy = Policy.preset(op["name"])
        return canonical(self.policy.digest)

    def op_policy(self, op: Op) -> str:
        self.policy, self.directory = None, None
        self.policy = Policy.parse(op["text"])
        return canonical(self.policy.digest)

    def op_directory(self, op: Op) -> str:
        self.directory, policy = None, self.policy
        self.directory = Directory(there(policy), op["text"])
        return "null"

    def op_ask(self, op: Op) -> str:
        name = op.get("as")
        if name is not None:
            self.kept.pop(name, None)
        answer: str = getattr(there(self.directory), op["call"] + "_json")(op["text"])
        if name is not None:
            self.kept[name] = answer
        return answer

    def op_apply(self, op: Op) -> str:
        directory = there(self.directory)
        directory.apply(there(self.kept.get(op["decision"])), op["now"])
        return "null"

    def op_needs(self, op: Op) -> str:
        return there(self.policy).needs_json(op["organization"], op["text"])

    def op_public(self, op: Op) -> str:
        return public_json(there(self.kept.get(op["decision"])))

    def op_audit(self, op: Op) -> str:
        return audit_json(there(self.kept.get(op["decision"])))

    def op_snapshot(self, op: Op) -> str:
        return there(self.directory).snapshot_json()

    def op_number(self, op: Op) -> str:
        directory = there(self.directory)
        scope, target, role = directory.scope_number(op["scope"]), NOBODY, NOBODY
        if op["target"] is not None:
            target = directory.user_number(op["target"])
        if op["role"] is not None:
            role = directory.role_number(scope, op["role"])
        actor, action = directory.user_number(op["actor"]), directory.policy.action_number(op["action"])
        return canonical(directory.denial_by_number(actor, action, scope, op["now"], target, role))

    def op_columns(self, op: Op) -> str:
        directory = there(self.directory)
        columns = directory.columns(op["text"])
        users = [directory.user_id(user) for user in columns.users]
        answer: dict[str, object] = {"actions": columns.actions.tolist(), "names": columns.names, "users": users}
        return canonical(answer if columns.denied is None else {**answer, "denied": columns.denied})

    def op_codes(self, op: Op) -> str:
        return codes_json()


def there(value: T | None) -> T:
    if value is None:
        raise Nothing
    return value


def play(script: TextIO, answers: TextIO) -> int:
    player = Player()
    for line in script:
        print(player.play(json.loads(line)), file=answers)
    return player.cases


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8", newline="\n") as script, open(sys.argv[2], "w", encoding="utf-8", newline="\n") as answers:
        print(f"{play(script, answers)} cases")
