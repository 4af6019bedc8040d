"""A service with teams that lets Tenantry decide who may do what.

    pip install tenantry fastapi uvicorn
    sqlite3 service.db < tables.sql
    TENANTRY_DATABASE=service.db uvicorn fastapi_service:app

Each request is one transaction: load the state, decide, store what becomes true with its audit records. A denial is
answered with 403 and what the actor may know of it.
"""

import json
import os
import sqlite3
import uuid
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, Request
from fastapi.responses import JSONResponse
from tenantry import Directory, Policy, TenantryError, audit, public
from tenantry.documents import Decision, Page, PublicDecision, Snapshot

POLICY = Policy.parse((Path(__file__).parents[2] / "tests/packaging/examples/policy.json").read_bytes())

app = FastAPI()


class Refused(Exception):
    """The decision is a denial."""

    def __init__(self, decision: Decision) -> None:
        self.decision = decision


@app.exception_handler(Refused)
def refused(_: Request, denial: Refused) -> JSONResponse:
    return JSONResponse(public(denial.decision), status_code=403)


@app.exception_handler(TenantryError)
def malformed(_: Request, error: TenantryError) -> JSONResponse:
    return JSONResponse({"code": error.code, "message": error.message, "path": error.path}, status_code=400)


@contextmanager
def transaction() -> Generator[sqlite3.Connection, None, None]:
    """All or nothing, and nobody else writes in between."""
    database = sqlite3.connect(os.environ["TENANTRY_DATABASE"], isolation_level=None)
    try:
        database.execute("BEGIN IMMEDIATE")
        yield database
        database.execute("COMMIT")
    finally:
        database.close()


def now() -> str:
    return datetime.now(timezone.utc).isoformat()


def load(database: sqlite3.Connection, organization: str) -> Directory:
    row = database.execute("SELECT snapshot FROM organization WHERE id = ?", [organization]).fetchone()
    empty: Snapshot = {"tenantry": 1, "organization": organization}
    return Directory(POLICY, row[0] if row else empty)


def enforce(database: sqlite3.Connection, organization: str, user: str, ask: dict[str, Any]) -> PublicDecision:
    """Decides, and stores what becomes true. What is denied is on record as well."""
    directory = load(database, organization)
    request: Any = {**ask, "tenantry": 1, "id": str(uuid.uuid4()), "now": now(), "actor": {"user": user}}
    decision = directory.decide(request)
    records = [(organization, json.dumps(record)) for record in audit(decision)]
    database.executemany("INSERT INTO record VALUES (?, ?)", records)
    if decision["effect"] == "deny":
        database.execute("COMMIT")
        raise Refused(decision)
    directory.apply(decision, request["now"])
    database.execute("UPDATE organization SET snapshot = ? WHERE id = ?", [directory.snapshot_json(), organization])
    return public(decision)


def session(x_user: Annotated[str, Header()]) -> str:
    """Who asks. A real service reads it from its session."""
    return x_user


User = Annotated[str, Depends(session)]


@app.post("/organizations/{organization}/requests")
def change(organization: str, ask: dict[str, Any], user: User) -> PublicDecision:
    """Any membership action: `{"action": "member.remove", "target": "bob"}`."""
    with transaction() as database:
        return enforce(database, organization, user, ask)


@app.post("/organizations/{organization}/projects", status_code=201)
def create_project(organization: str, project: dict[str, str], user: User) -> dict[str, str]:
    """An action of the product itself, judged by the same policy."""
    with transaction() as database:
        enforce(database, organization, user, {"action": "project.create"})
        database.execute("INSERT INTO project VALUES (?, ?)", [organization, project["name"]])
        return project


@app.get("/organizations/{organization}/members")
def members(organization: str, user: User) -> Page:
    """The members page, with the actions that each row offers to who looks."""
    with transaction() as database:
        return load(database, organization).page({"actor": {"user": user}, "now": now()})
