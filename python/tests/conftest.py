"""A small organization for the tests: Ann owns it, Bob is an admin, Cem and Dóra are members."""

from __future__ import annotations

from typing import Any, cast

import pytest
from tenantry import Directory, Policy
from tenantry.documents import Request, Snapshot

NOW = "2026-01-15T09:00:00Z"
MILLISECONDS = 1_768_467_600_000


def snapshot_of(roles: dict[str, str]) -> Snapshot:
    return {
        "tenantry": 1,
        "organization": "acme",
        "scopes": [{"id": "acme", "kind": "organization"}],
        "users": [{"id": user, "name": user.title(), "email": f"{user}@acme.example", "verified": True} for user in roles],
        "grants": [{"scope": "acme", "user": user, "role": role} for user, role in roles.items()],
    }


@pytest.fixture
def snapshot() -> Snapshot:
    return snapshot_of({"ann": "owner", "bob": "admin", "cem": "member", "dóra": "member"})


@pytest.fixture
def directory(snapshot: Snapshot) -> Directory:
    return Directory(Policy.preset("starter"), snapshot)


def request_of(actor: str, action: str, **fields: Any) -> Request:
    request: dict[str, Any] = {"tenantry": 1, "id": "r1", "now": NOW, "actor": {"user": actor}, "action": action, **fields}
    return cast("Request", request)
