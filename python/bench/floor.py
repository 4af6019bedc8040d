"""The floor: the rules of the benchmark's policy written by hand over dicts keyed by string ids, as people write them. The
Rust benchmarks have the same one."""

from __future__ import annotations

from dataclasses import dataclass, field

from tenantry.documents import Snapshot

RANKS = {"member": 1, "admin": 2, "owner": 3}
MEMBER, ADMIN, OWNER = 1, 2, 3


@dataclass(slots=True)
class Member:
    role: int = MEMBER
    active: bool = True
    edits: list[str] = field(default_factory=list[str])


class Organization:
    def __init__(self, snapshot: Snapshot) -> None:
        root = snapshot["organization"]
        self.members: dict[str, Member] = {}
        self.parents: dict[str, str | None] = {}
        self.owners = 0
        self.people: list[str] = []
        for scope in snapshot.get("scopes", []):
            if "parent" in scope:
                self.parents[scope["id"]] = None if scope["parent"] == root else scope["parent"]
        for user in snapshot.get("users", []):
            self.members[user["id"]] = Member(active=user.get("status", "active") == "active")
            self.people.append(user["id"])
        for grant in snapshot.get("grants", []):
            member = self.members[grant.get("user", "")]
            if grant["scope"] == root:
                member.role = RANKS[grant["role"]]
                self.owners += member.role == OWNER
            else:
                member.edits.append(grant["scope"])

    def can_remove(self, actor: str, target: str) -> bool:
        by = self.members.get(actor)
        if by is None or not by.active or by.role < ADMIN or actor == target:
            return False
        member = self.members.get(target)
        if member is None or (by.role == ADMIN and member.role == OWNER):
            return False
        return member.role != OWNER or self.owners > 1

    can_deactivate = can_remove
    can_change_role = can_remove

    def can_set_role(self, actor: str, target: str, role: int) -> bool:
        by = self.members.get(actor)
        if by is None or not by.active or by.role < ADMIN:
            return False
        member = self.members.get(target)
        if member is None or (by.role == ADMIN and (member.role == OWNER or role > ADMIN)):
            return False
        if member.role == role:
            return True
        return actor != target and (member.role != OWNER or self.owners > 1)

    def can_edit(self, actor: str, workspace: str) -> bool:
        """By a role there or above."""
        by = self.members.get(actor)
        if by is None or not by.active or not by.edits:
            return False
        at: str | None = workspace
        while at is not None:
            if at in by.edits:
                return True
            at = self.parents[at]
        return False

    def page_actions(self, viewer: str) -> list[int]:
        """The actions of every member: the page's loop and nothing else."""
        return [
            self.can_remove(viewer, user) | self.can_change_role(viewer, user) << 1 | self.can_deactivate(viewer, user) << 2 for user in self.people
        ]
