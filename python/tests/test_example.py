"""The example service, asked over HTTP."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
import pytest
from conftest import snapshot_of

EXAMPLES = Path(__file__).parents[1] / "examples"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "service.db"
    with sqlite3.connect(path) as connection:
        connection.executescript((EXAMPLES / "tables.sql").read_text())
        state = json.dumps(snapshot_of({"ann": "owner", "bob": "admin", "cem": "member"}))
        connection.execute("INSERT INTO organization VALUES ('acme', ?)", [state])
    connection.close()
    return path


@pytest.fixture
def service(database: Path) -> Iterator[httpx.Client]:
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "--app-dir", str(EXAMPLES), "fastapi_service:app", "--port", str(port), "--log-level", "warning"]
    running = subprocess.Popen(command, env={**os.environ, "TENANTRY_DATABASE": str(database)})
    client = httpx.Client(base_url=f"http://127.0.0.1:{port}/organizations/acme", timeout=30)
    try:
        for _ in range(200):
            try:
                client.get("/members", headers={"x-user": "ann"})
                break
            except httpx.TransportError:
                assert running.poll() is None, "the service has ended"
                time.sleep(0.1)
        yield client
    finally:
        client.close()
        running.terminate()
        running.wait(30)


def ask(service: httpx.Client, user: str, ask: Mapping[str, object]) -> httpx.Response:
    return service.post("/requests", json=ask, headers={"x-user": user})


def test_what_is_allowed_is_stored_with_its_records(service: httpx.Client, database: Path) -> None:
    answer = ask(service, "ann", {"action": "member.remove", "target": "cem"})
    assert (answer.status_code, answer.json()) == (200, {"effect": "allow"})
    members = service.get("/members", headers={"x-user": "ann"}).json()["members"]
    assert [member["user"] for member in members] == ["ann", "bob"]
    connection = sqlite3.connect(database)
    records = [json.loads(record) for (record,) in connection.execute("SELECT record FROM record")]
    connection.close()
    assert [record["fact"]["event"] for record in records] == ["role.taken", "member.removed"]


def test_a_denial_is_403_with_what_the_actor_may_know(service: httpx.Client, database: Path) -> None:
    answer = ask(service, "bob", {"action": "member.remove", "target": "ann"})
    assert answer.status_code == 403
    assert (answer.json()["effect"], answer.json()["code"]) == ("deny", "outranked")
    assert "reasons" not in answer.json()
    connection = sqlite3.connect(database)
    (record,) = connection.execute("SELECT record FROM record").fetchone()
    connection.close()
    assert json.loads(record)["code"] == "outranked"


def test_the_product_asks_for_its_own_actions(service: httpx.Client, database: Path) -> None:
    made = service.post("/projects", json={"name": "Apollo"}, headers={"x-user": "bob"})
    refused = service.post("/projects", json={"name": "Zeus"}, headers={"x-user": "cem"})
    assert (made.status_code, refused.status_code, refused.json()["code"]) == (201, 403, "not_permitted")
    connection = sqlite3.connect(database)
    assert connection.execute("SELECT name FROM project").fetchall() == [("Apollo",)]
    connection.close()


def test_a_malformed_request_is_400(service: httpx.Client) -> None:
    answer = ask(service, "ann", {"action": "member.remov", "target": "cem"})
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_action")


def test_what_is_stored_survives_the_next_request(service: httpx.Client) -> None:
    asked = {"action": "invitation.create", "email": "eve@acme.example", "roles": ["member"]}
    assert ask(service, "bob", asked).status_code == 200
    assert ask(service, "bob", asked).json()["code"] == "already_invited"
