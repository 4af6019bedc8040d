"""Tenantry: the rules of a "Users & Access" page, as data.

A `Policy` says who may invite, promote, deactivate and remove whom. A `Directory` is the state of one organization under a
policy. It decides requests, answers questions, and makes allowed decisions true. The engine has no clock and no database:
the time stands in the request, and what becomes true is a list of events to store.

>>> from tenantry import Directory, Policy
>>> directory = Directory(Policy.preset("starter"), {
...     "tenantry": 1, "organization": "acme", "scopes": [{"id": "acme", "kind": "organization"}],
...     "users": [{"id": "ann"}], "grants": [{"scope": "acme", "user": "ann", "role": "owner"}]})
>>> decision = directory.decide({
...     "tenantry": 1, "id": "r1", "now": "2026-01-15T09:00:00Z", "actor": {"user": "ann"}, "action": "member.leave"})
>>> decision["effect"], decision["code"]
('deny', 'below_minimum')
"""

from ._directory import Directory
from ._error import TenantryError
from ._native import NOBODY, UNKNOWN, Columns, Policy, audit, audit_json, codes, codes_json, public, public_json

__all__ = [
    "NOBODY",
    "UNKNOWN",
    "Columns",
    "Directory",
    "Policy",
    "TenantryError",
    "audit",
    "audit_json",
    "codes",
    "codes_json",
    "public",
    "public_json",
]
