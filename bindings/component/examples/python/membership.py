"""The component of Tenantry through wasmtime: calls by the names that stand in the WIT."""

from __future__ import annotations

from typing import Any

from wasmtime import Config, Engine, Store
from wasmtime.component import Component, Func, Linker, Record, Variant

INTERFACE = "tenantry:engine/membership@0.1.0"


class TenantryError(Exception):
    """Why there is no answer: the question or a document is malformed."""

    def __init__(self, error: Record) -> None:
        super().__init__(error.message)
        self.code: str = error.code
        self.document: str = error.document


class Membership:
    """An instance of the component. Each call may use so much fuel; the instance may have so many bytes of memory."""

    def __init__(self, path: str, fuel: int = 1_000_000_000, memory: int = 256 << 20) -> None:
        config = Config()
        config.consume_fuel = True
        engine = Engine(config)
        self._fuel = fuel
        self._store = Store(engine)
        self._store.set_limits(memory_size=memory)
        self._store.set_fuel(fuel)
        # A linker with nothing in it: the component takes nothing.
        self._instance = Linker(engine).instantiate(self._store, Component.from_file(engine, path))
        self._interface = self._instance.get_export_index(self._store, INTERFACE)
        self._functions: dict[str, Func] = {}

    def call(self, name: str, *arguments: Any) -> Any:
        """Calls a function, `[static]policy.preset` or `[method]directory.decide`; what it refuses is raised."""
        function = self._functions.get(name) or self._function(name)
        self._store.set_fuel(self._fuel)
        answer = function(self._store, *arguments)
        # Where the two cases of a result would be of one Python type, wasmtime says which it is.
        if isinstance(answer, Variant):
            answer = answer.payload
        if isinstance(answer, Record) and hasattr(answer, "document"):
            raise TenantryError(answer)
        return answer

    def _function(self, name: str) -> Func:
        index = self._instance.get_export_index(self._store, name, self._interface)
        function = index and self._instance.get_func(self._store, index)
        if not function:
            raise AttributeError(f"the component has no {name}")
        self._functions[name] = function
        return function
