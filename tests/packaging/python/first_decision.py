"""One real decision, for a package that was just installed.

    python first_decision.py POLICY
"""

import sys
from pathlib import Path

from tenantry import Directory, Policy

directory = Directory(
    Policy.parse(Path(sys.argv[1]).read_bytes()),
    {
        "tenantry": 1,
        "organization": "acme",
        "scopes": [{"id": "acme", "kind": "organization"}],
        "users": [{"id": "ann"}, {"id": "bob"}],
        "grants": [{"scope": "acme", "user": "ann", "role": "owner"}, {"scope": "acme", "user": "bob", "role": "admin"}],
    },
)
decision = directory.decide(
    {"tenantry": 1, "id": "r1", "now": "2026-01-15T09:00:00Z", "actor": {"user": "bob"}, "action": "member.remove", "target": "ann"}
)
assert decision["effect"] == "deny"
print(f"{decision['code']}: {decision['message']}")
