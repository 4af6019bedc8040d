"""Threads share a directory: nothing is lost, nobody waits for ever, and long work lets others run."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import NOW, request_of, snapshot_of
from tenantry import Directory, Policy, TenantryError

THREADS = 8
PEOPLE = 400


@pytest.fixture(autouse=True)
def time_is_limited() -> Iterator[None]:
    """A deadlock ends the run instead of hanging it."""
    import faulthandler

    faulthandler.dump_traceback_later(120, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()


def in_threads(work: Callable[[int], None]) -> None:
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(THREADS)))


def test_no_update_is_lost() -> None:
    people = {f"u{number}": "member" for number in range(PEOPLE)}
    directory = Directory(Policy.preset("starter"), snapshot_of({"ann": "owner", **people}))

    def remove(thread: int) -> None:
        for number in range(thread, PEOPLE, THREADS):
            decision = directory.decide(request_of("ann", "member.remove", target=f"u{number}", id=f"r{number}"))
            while True:
                try:
                    directory.apply(decision, NOW)
                    break
                except TenantryError as error:
                    assert error.code == "stale" and error.fresh is not None and "error" not in error.fresh
                    decision = error.fresh
            assert directory.denial("ann", "member.remove", NOW, f"u{number}") == "already_ended"
            directory.page({"actor": {"user": "ann"}, "now": NOW, "limit": 5})

    in_threads(remove)
    assert [user["user"] for user in directory.page({"actor": {"user": "ann"}, "now": NOW})["members"]] == ["ann"]


def test_the_last_owner_stays_whatever_happens_at_once() -> None:
    for _ in range(20):
        owners = {f"o{number}": "owner" for number in range(THREADS)}
        directory = Directory(Policy.preset("starter"), snapshot_of(owners))
        start = threading.Barrier(THREADS)

        def leave(thread: int, directory: Directory = directory, start: threading.Barrier = start) -> None:
            decision = directory.decide(request_of(f"o{thread}", "member.leave", id=f"r{thread}"))
            start.wait()
            while decision["effect"] == "allow":
                try:
                    directory.apply(decision, NOW)
                    return
                except TenantryError as error:
                    assert error.fresh is not None and "error" not in error.fresh
                    decision = error.fresh

        in_threads(leave)
        assert len(directory.page({"actor": {"user": next(user for user in owners if directory.can(user, "member.list", NOW))}, "now": NOW})["members"]) == 1


def progress_during(work: Callable[[], object]) -> tuple[int, float]:
    """How often another thread got a turn while the work ran, and how long it ran."""
    turns, stop, started = 0, threading.Event(), threading.Event()

    def count() -> None:
        nonlocal turns
        started.set()
        while not stop.is_set():
            turns += 1
            time.sleep(0)

    other = threading.Thread(target=count)
    other.start()
    started.wait()
    before, begin = turns, time.perf_counter()
    work()
    ran, made = time.perf_counter() - begin, turns - before
    stop.set()
    other.join()
    return made, ran


def test_long_work_lets_other_threads_run() -> None:
    policy = Policy.preset("starter")
    snapshot = json.dumps(snapshot_of({"ann": "owner", **{f"u{number}": "member" for number in range(30_000)}})).encode()
    directory = Directory(policy, snapshot)
    query = json.dumps({"actor": {"user": "ann"}, "now": NOW})
    works: list[Callable[[], object]] = [
        lambda: Directory(policy, snapshot),
        lambda: directory.page_json(query),
        lambda: directory.columns(query),
        lambda: directory.snapshot_json(),
    ]
    for work in works:
        made, ran = progress_during(work)
        assert made > 100, f"{made} turns in {ran:.3f} s"


def test_questions_wait_for_a_long_decision_without_the_gil() -> None:
    policy = Policy.preset("starter")
    people = {f"u{number}": "member" for number in range(1_000)}
    directory = Directory(policy, snapshot_of({"ann": "owner", **people}))
    items = [{"action": "member.remove", "target": user} for user in people]
    batch = json.dumps({"tenantry": 1, "id": "b", "now": NOW, "actor": {"user": "ann"}, "batch": "each", "items": items})

    def ask(thread: int) -> None:
        for number in range(20):
            if thread == 0:
                directory.decide_json(batch)
            else:
                assert directory.can("ann", "member.remove", NOW, f"u{number}")

    in_threads(ask)
