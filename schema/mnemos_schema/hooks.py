"""The hooks of extensions, found once for each set of them, and not four times an operation."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from functools import lru_cache
from types import TracebackType
from typing import Any

from strawberry.extensions import SchemaExtension
from strawberry.extensions.context import (
    ExecutingContextManager,
    ExtensionContextManagerBase,
    OperationContextManager,
    ParsingContextManager,
    ValidationContextManager,
)
from strawberry.extensions.runner import SchemaExtensionsRunner
from strawberry.types import ExecutionContext

_Hook = tuple[int, Callable[[SchemaExtension], AbstractContextManager[None]]]
"""Which extension, and what is entered around the stage."""


class Hooks:
    """Enters the hooks of one stage, in their order, and leaves them in the reverse of it."""

    def __init__(self, hooks: list[AbstractContextManager[None]]) -> None:
        self._hooks = hooks
        self._entered: AbstractContextManager[object] = nullcontext()

    def __enter__(self) -> None:
        if len(self._hooks) == 1:
            (hook,) = self._hooks
            hook.__enter__()
            self._entered = hook
        elif self._hooks:
            with ExitStack() as stack:
                for hook in self._hooks:
                    stack.enter_context(hook)
                self._entered = stack.pop_all()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._entered.__exit__(kind, error, trace)

    async def __aenter__(self) -> None:
        self.__enter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.__exit__(kind, error, trace)


class HooksRunner(SchemaExtensionsRunner):
    """Strawberry's runner, for hooks that are generators; any others are left to it."""

    def operation(self) -> Any:
        return self._around(OperationContextManager)

    def validation(self) -> Any:
        return self._around(ValidationContextManager)

    def parsing(self) -> Any:
        return self._around(ParsingContextManager)

    def executing(self) -> Any:
        return self._around(ExecutingContextManager)

    async def get_extensions_results(self, ctx: ExecutionContext) -> dict[str, Any]:
        if any(type(each).get_results is not _NO_RESULTS for each in self.extensions):
            return await super().get_extensions_results(ctx)
        return dict(ctx.extensions_results)

    def _around(self, stock: type[ExtensionContextManagerBase]) -> Any:
        hooks = _hooks(stock.HOOK_NAME, tuple(map(type, self.extensions)))
        if hooks is None:
            return stock(self.extensions)
        return Hooks([enter(self.extensions[n]) for n, enter in hooks])


_NO_RESULTS = SchemaExtension.get_results


@lru_cache(maxsize=64)
def _hooks(name: str, kinds: tuple[type[SchemaExtension], ...]) -> tuple[_Hook, ...] | None:
    """Return the hooks of this name; None where one of them is no generator."""
    given = [(n, getattr(kind, name)) for n, kind in enumerate(kinds)]
    own = [(n, hook) for n, hook in given if hook is not getattr(SchemaExtension, name)]
    if not all(inspect.isgeneratorfunction(hook) for _, hook in own):
        return None
    return tuple((n, contextmanager(hook)) for n, hook in own)
