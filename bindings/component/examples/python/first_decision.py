"""A first decision: the only owner wants to leave. `python first_decision.py tenantry.wasm`"""

import json
import sys
from typing import Any

from membership import Membership

SNAPSHOT = {
    "tenantry": 1,
    "organization": "acme",
    "scopes": [{"id": "acme", "kind": "organization"}],
    "users": [{"id": "ann"}, {"id": "bob"}],
    "grants": [{"scope": "acme", "user": "ann", "role": "owner"}, {"scope": "acme", "user": "bob", "role": "admin"}],
}

REQUEST = {"tenantry": 1, "id": "r1", "now": "2026-01-15T09:00:00Z", "actor": {"user": "ann"}, "action": "member.leave"}


def first_decision(membership: Membership) -> dict[str, Any]:
    policy = membership.call("[static]policy.preset", "starter")
    directory = membership.call("[static]directory.load", policy, json.dumps(SNAPSHOT))
    return json.loads(membership.call("[method]directory.decide", directory, json.dumps(REQUEST)))


if __name__ == "__main__":
    decision = first_decision(Membership(sys.argv[1]))
    print(f"{decision['effect']} {decision['code']}: {decision['message']}")
