"""Generated organizations: 1 % admins, 3 owners, the rest members, every tenth of whom edits in a workspace; a tree of 16
branches, 8 levels deep. The Rust benchmarks measure the same."""

from __future__ import annotations

import random

from tenantry.documents import Snapshot

NOW = 1_768_467_600_000
BRANCHES, DEPTH = 16, 8

POLICY = """
tenantry = 1
name = "bench"
[scopes.organization]
roles = "one"
flows_down = true
[scopes.workspace]
under = ["organization", "workspace"]
flows_down = true
[roles.organization]
owner = { rank = 3 }
admin = { rank = 2 }
member = { rank = 1, default = true }
[roles.workspace]
editor = { rank = 2 }
viewer = { rank = 1 }
[actions]
"doc.edit" = {}
[[allow]]
id = "managers-see-the-list"
actions = ["member.list"]
actor = { role = ["owner", "admin"] }
[[allow]]
id = "owners-manage"
actions = ["member.remove", "member.set_roles", "member.deactivate"]
actor = { role = "owner" }
grants = { role = "*" }
revokes = { role = "*" }
[[allow]]
id = "admins-remove"
actions = ["member.remove", "member.deactivate"]
actor = { role = "admin" }
target = { not_role = "owner" }
[[allow]]
id = "admins-set-roles"
actions = ["member.set_roles"]
actor = { role = "admin" }
target = { not_role = "owner" }
grants = { rank = "at_most" }
revokes = { rank = "at_most" }
[[allow]]
id = "editors-edit"
actions = ["doc.edit"]
actor = { role = "workspace.editor" }
[[forbid]]
id = "no-self-modification"
changes = ["give", "take", "status"]
target = { is_actor = true }
code = "self_modification"
[[keep]]
id = "last-owner"
count = { has_role = "owner" }
at_least = 1
"""


def user(number: int) -> str:
    return f"user-{number:07}"


def workspace(branch: int, level: int) -> str:
    return f"ws-{branch:02}-{level}"


def role_of(number: int) -> str:
    return "owner" if number < 3 else "admin" if number % 100 == 3 else "member"


def branch_of(number: int) -> int | None:
    return number // 10 % BRANCHES if number % 10 == 4 else None


def snapshot(members: int) -> Snapshot:
    document: Snapshot = {
        "tenantry": 1,
        "organization": "org",
        "scopes": [{"id": "org", "kind": "organization"}],
        "users": [],
        "grants": [],
    }
    for branch in range(BRANCHES):
        for level in range(DEPTH):
            parent = workspace(branch, level - 1) if level else "org"
            document["scopes"].append({"id": workspace(branch, level), "kind": "workspace", "parent": parent})
    for number in range(members):
        id = user(number)
        document["users"].append({"id": id, "email": f"{id}@example.org", "verified": True, "name": f"Person {number}"})
        document["grants"].append({"scope": "org", "user": id, "role": role_of(number)})
        edits = branch_of(number)
        if edits is not None:
            document["grants"].append({"scope": workspace(edits, number // 7 % DEPTH), "user": id, "role": "editor"})
    return document


def manager(dice: random.Random, members: int) -> int:
    """Half of the actors are owners and admins: otherwise nearly every question would end at once."""
    match dice.randrange(4):
        case 0:
            return dice.randrange(3)
        case 1:
            return min(dice.randrange(-(-members // 100)) * 100 + 3, members - 1)
        case _:
            return dice.randrange(members)


def about_people(members: int, count: int) -> list[tuple[str, str]]:
    dice = random.Random(7)
    return [(user(manager(dice, members)), user(dice.randrange(members))) for _ in range(count)]


def about_workspaces(members: int, count: int) -> list[tuple[str, str]]:
    """An editor asks about a workspace, half of the time of the branch where the editor has something."""
    dice = random.Random(7)
    asked: list[tuple[str, str]] = []
    for _ in range(count):
        editor = min(dice.randrange(members) // 10 * 10 + 4, members - 1)
        own = branch_of(editor)
        branch = own if own is not None and dice.randrange(2) else dice.randrange(BRANCHES)
        asked.append((user(editor), workspace(branch, DEPTH - 1)))
    return asked
