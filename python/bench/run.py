"""What the package takes beside code by hand, in one run: processor time, medians of rounds that take turns, the loop's own
cost taken off.

    python bench/run.py [MEMBERS ..]
"""

from __future__ import annotations

import itertools
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import organization as made
import tenantry
from floor import ADMIN, Organization
from tenantry import NOBODY, Directory, Policy

QUESTIONS = 1_000
ROUNDS = 61
BAR_BY_ID, BAR_DECIDE, BAR_PAGE = 0.6, 5_000.0, 1.0

Loop = Callable[[], object]


def rounds(loops: Sequence[Loop], count: int, repeats: int) -> list[list[float]]:
    """Nanoseconds of a loop, of one of so many calls in it, round by round."""
    times: list[list[float]] = [[] for _ in loops]
    for _ in range(repeats):
        for loop, taken in zip(loops, times):
            begin = time.thread_time_ns()
            loop()
            taken.append((time.thread_time_ns() - begin) / count)
    return times


def beside(loops: dict[str, Loop], count: int = QUESTIONS, repeats: int = ROUNDS) -> dict[str, float]:
    """The median of each loop, less that of the loop called `nothing`."""
    for loop in loops.values():
        loop()
    medians = dict(zip(loops, map(statistics.median, rounds(list(loops.values()), count, repeats))))
    nothing = medians.pop("nothing", 0.0)
    return {name: taken - nothing for name, taken in medians.items()}


def row(*cells: object) -> None:
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def head(*cells: str) -> None:
    print()
    row(*cells)
    row(*("---" for _ in cells))


def against(taken: float, floor: float, bar: float) -> str:
    return f"{taken:.0f} ns = {taken / floor:.2f}" + ("" if taken <= bar * floor else " (over the bar)")


def questions(directory: Directory, floor: Organization, members: int) -> None:
    now, can, denial = made.NOW, directory.can, directory.denial
    people, places = made.about_people(members, QUESTIONS), made.about_workspaces(members, QUESTIONS)
    number, scope, by_number = directory.user_number, directory.scope_number, directory.denial_by_number
    org, admin = scope("org"), directory.role_number(scope("org"), "admin")
    remove, set_roles, edit = (directory.policy.action_number(name) for name in ["member.remove", "member.set_roles", "doc.edit"])
    numbers = [(number(actor), number(target)) for actor, target in people]
    places_by_number = [(number(actor), scope(place)) for actor, place in places]
    assert [floor.can_remove(*pair) for pair in people] == [can(actor, "member.remove", now, target) for actor, target in people]
    assert [floor.can_set_role(*pair, ADMIN) for pair in people] == [can(a, "member.set_roles", now, t, None, "admin") for a, t in people]
    assert [floor.can_edit(*pair) for pair in places] == [can(a, "doc.edit", now, None, w) for a, w in places]

    def show(sort: str, taken: dict[str, float]) -> None:
        by_hand = taken.pop("floor")
        row(sort, f"{members:,}", f"{by_hand:.0f} ns", *(against(t, by_hand, BAR_BY_ID) for t in taken.values()))

    def nothing() -> None:
        for _actor, _target in people:
            pass

    def remove_floor() -> None:
        for actor, target in people:
            floor.can_remove(actor, target)

    def remove_can() -> None:
        for actor, target in people:
            can(actor, "member.remove", now, target)

    def remove_denial() -> None:
        for actor, target in people:
            denial(actor, "member.remove", now, target)

    def remove_number() -> None:
        for actor, target in numbers:
            by_number(actor, remove, org, now, target)

    show("member.remove", beside({"nothing": nothing, "floor": remove_floor, "can": remove_can, "denial": remove_denial, "number": remove_number}))

    def roles_floor() -> None:
        for actor, target in people:
            floor.can_set_role(actor, target, ADMIN)

    def roles_can() -> None:
        for actor, target in people:
            can(actor, "member.set_roles", now, target, None, "admin")

    def roles_denial() -> None:
        for actor, target in people:
            denial(actor, "member.set_roles", now, target, None, "admin")

    def roles_number() -> None:
        for actor, target in numbers:
            by_number(actor, set_roles, org, now, target, admin)

    show("member.set_roles", beside({"nothing": nothing, "floor": roles_floor, "can": roles_can, "denial": roles_denial, "number": roles_number}))

    def edit_floor() -> None:
        for actor, place in places:
            floor.can_edit(actor, place)

    def edit_can() -> None:
        for actor, place in places:
            can(actor, "doc.edit", now, None, place)

    def edit_denial() -> None:
        for actor, place in places:
            denial(actor, "doc.edit", now, None, place)

    def edit_number() -> None:
        for actor, place in places_by_number:
            by_number(actor, edit, place, now, NOBODY)

    show("inherited app permission", beside({"nothing": nothing, "floor": edit_floor, "can": edit_can, "denial": edit_denial, "number": edit_number}))


def decisions(directory: Directory, members: int) -> None:
    requests: list[Any] = [
        {
            "tenantry": 1,
            "id": f"r{number}",
            "now": "2026-01-15T09:00:00.000Z",
            "actor": {"user": actor},
            "action": "member.remove",
            "target": target,
        }
        for number, (actor, target) in enumerate(made.about_people(members, QUESTIONS))
    ]
    for effect in ["allow", "deny"]:
        of = [request for request in requests if directory.decide(request)["effect"] == effect]
        texts = [json.dumps(request).encode() for request in of]

        def tables(of: list[Any] = of) -> None:
            for request in of:
                directory.decide(request)

        def text(texts: list[bytes] = texts) -> None:
            for request in texts:
                directory.decide_json(request)

        taken = beside({"dict": tables, "json": text}, len(of), 31)
        held = ["" if nanoseconds <= BAR_DECIDE else " (over the bar)" for nanoseconds in taken.values()]
        row(effect, f"{members:,}", *(f"{t / 1000:.2f} us{over}" for t, over in zip(taken.values(), held)))


def page(directory: Directory, floor: Organization, members: int) -> None:
    viewer = made.user(3)
    query: Any = {"actor": {"user": viewer}, "now": "2026-01-15T09:00:00.000Z", "actions": ["member.remove", "member.set_roles", "member.deactivate"]}
    columns = directory.columns(query)
    shown = dict(zip((directory.user_id(user) for user in columns.users), columns.actions))
    assert [shown[user] for user in floor.people] == floor.page_actions(viewer)
    taken = beside({"floor": lambda: floor.page_actions(viewer), "columns": lambda: directory.columns(query)}, 1, 7)
    by_hand, fast = taken["floor"], taken["columns"]
    over = "" if fast <= BAR_PAGE * by_hand else " (over the bar)"
    row(f"{members:,}", f"{by_hand / 1e6:.1f} ms", f"{fast / 1e6:.1f} ms = {fast / by_hand:.2f}{over}")


def calls(directory: Directory) -> None:
    """The price of a call into native code that does nothing, and of one that takes three texts."""
    policy, number = directory.policy, directory.user_number
    action = policy.action_number
    repeated = list(itertools.repeat(None, QUESTIONS))

    def plain(_a: str, _b: str, _c: int) -> None:
        return None

    def nothing() -> None:
        for _ in repeated:
            pass

    def python() -> None:
        for _ in repeated:
            plain("a", "b", 1)

    def no_argument() -> None:
        for _ in repeated:
            _ = directory.policy

    def one_text() -> None:
        for _ in repeated:
            action("none")

    def locked() -> None:
        for _ in repeated:
            number("none")

    taken = beside({"nothing": nothing, "a Python function of 3": python, "a native getter": no_argument, "a native call with a text": one_text, "... behind the lock": locked})
    for name, nanoseconds in taken.items():
        row(name, f"{nanoseconds:.0f} ns")


def resident() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def memory(members: int) -> None:
    """Growth of the process, in a process of its own."""
    code = (
        "import json, gc; import organization as made; from run import resident; from tenantry import Directory, Policy\n"
        f"text = json.dumps(made.snapshot({members})).encode(); policy = Policy.parse_toml(made.POLICY); gc.collect()\n"
        "before = resident(); directory = Directory(policy, text); print(resident() - before)"
    )
    grown = int(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=os.path.dirname(__file__)).stdout)
    row(f"{members:,}", f"{grown / 1e6:.1f} MB", f"{grown / members:.0f} bytes")


def cold() -> None:
    """Fresh processes."""
    for name, code in [("nothing", "pass"), ("tenantry", "import tenantry"), ("... and its types", "import tenantry, tenantry.documents")]:
        taken: list[int] = []
        for _ in range(21):
            begin = time.perf_counter_ns()
            subprocess.run([sys.executable, "-I", "-c", code], check=True)
            taken.append(time.perf_counter_ns() - begin)
        row(name, f"{statistics.median(taken) / 1e6:.1f} ms")


def main() -> None:
    sizes = [int(word) for word in sys.argv[1:]] or [10, 1_000, 100_000]
    policy = Policy.parse_toml(made.POLICY)
    both = [(members, Directory(policy, made.snapshot(members)), Organization(made.snapshot(members))) for members in sizes]
    print(f"Python {sys.version.split()[0]}, tenantry {tenantry.__name__}")
    head("call", "takes")
    calls(both[0][1])
    head("question", "members", "floor", "`can` by id, bar 0.6", "`denial` by id, bar 0.6", "`denial_by_number`")
    for members, directory, floor in both:
        questions(directory, floor, members)
    head("`decide`", "members", "tables in and out, bar 5 us", "JSON in and out")
    for members, directory, _ in both:
        decisions(directory, members)
    head("rows", "floor's loop", "`columns`, bar 1")
    for members, directory, floor in both:
        if members >= 1_000:
            page(directory, floor, members)
    head("members", "resident memory", "each")
    memory(max(sizes))
    head("`python -c`", "whole process")
    cold()


if __name__ == "__main__":
    main()
