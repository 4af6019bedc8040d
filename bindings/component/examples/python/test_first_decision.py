import json
import os
import unittest

from wasmtime import WasmtimeError
from wasmtime.component import Record

from first_decision import REQUEST, SNAPSHOT, first_decision
from membership import Membership, TenantryError

COMPONENT = os.environ["TENANTRY_COMPONENT"]


def numbered(**fields: int) -> Record:
    record = Record()
    record.__dict__.update(fields)
    return record


class FirstDecision(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.membership = Membership(COMPONENT)

    def directory(self):
        policy = self.membership.call("[static]policy.preset", "starter")
        return policy, self.membership.call("[static]directory.load", policy, json.dumps(SNAPSHOT))

    def test_the_last_owner_cannot_leave(self) -> None:
        decision = first_decision(self.membership)
        self.assertEqual((decision["effect"], decision["code"]), ("deny", "below_minimum"))
        self.assertEqual(decision["message"], "Make another person owner first.")

    def test_what_is_malformed_is_an_error_with_a_code(self) -> None:
        _, directory = self.directory()
        with self.assertRaises(TenantryError) as raised:
            self.membership.call("[method]directory.decide", directory, "[" * 10_000_000)
        self.assertEqual(raised.exception.code, "out_of_bounds")
        with self.assertRaises(TenantryError) as raised:
            self.membership.call("[method]directory.apply", directory, "{}", "2026-01-15T09:00:00Z")
        self.assertEqual(json.loads(raised.exception.document)["code"], raised.exception.code)
        self.assertIs(self.membership.call("[method]directory.can", directory, json.dumps(
            {key: REQUEST[key] for key in ("actor", "action", "now")})), False)

    def test_numbers_say_the_same_as_texts(self) -> None:
        policy, directory = self.directory()
        call = self.membership.call
        nobody = 0xFFFFFFFF
        asked = numbered(
            actor=call("[method]directory.user-number", directory, "ann"),
            action=call("[method]policy.action-number", policy, "member.leave"),
            scope=call("[method]directory.scope-number", directory, "acme"),
            target=nobody,
            role=nobody,
            now=1_768_467_600_000,
        )
        number = call("[method]directory.denial-number", directory, asked)
        self.assertEqual(call("[method]policy.denial-table", policy)[number - 1].code, "below_minimum")
        self.assertEqual(list(call("[method]directory.denials", directory, [asked, asked])), [number, number])

    def test_a_call_without_fuel_ends(self) -> None:
        membership = Membership(COMPONENT, fuel=100_000)
        with self.assertRaises(WasmtimeError):
            membership.call("[static]policy.preset", "starter")
        # The instance is lost; another one is not concerned.
        self.assertEqual(first_decision(self.membership)["effect"], "deny")


if __name__ == "__main__":
    unittest.main()
