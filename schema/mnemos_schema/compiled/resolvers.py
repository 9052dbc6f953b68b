"""Resolvers called at once: without the layers that only extensions of fields would need."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphql import GraphQLField, GraphQLObjectType, GraphQLSchema
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

from mnemos_schema.compiled.arguments import Converters, NotConverted


def simplify(schema: GraphQLSchema, converter: GraphQLCoreConverter) -> None:
    """Have every field of ``schema`` whose resolver is a plain function call it directly."""
    converters = Converters(converter)
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLObjectType):
            for field in kind.fields.values():
                _simplify(field, converter, converters)


def _simplify(field: GraphQLField, converter: GraphQLCoreConverter, converters: Converters) -> None:
    declared = field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    if (
        not isinstance(declared, StrawberryField)
        or declared.is_subscription
        or declared.extensions
        or converter.exception_handlers
    ):
        return
    try:
        field.resolve = _direct(declared, converter, converters)
    except NotConverted:
        return


def _direct(
    declared: StrawberryField, converter: GraphQLCoreConverter, converters: Converters
) -> Callable[..., Any]:
    resolver = declared.base_resolver
    if resolver is None or resolver.parent_parameter or resolver.root_parameter:
        raise NotConverted
    convert, info_class = converters.of(declared.arguments), converter.config.info_class
    takes_self = bool(resolver.self_parameter)
    info_name = resolver.info_parameter.name if resolver.info_parameter else None

    def resolve(source: Any, info: Any, **given: Any) -> Any:
        named = convert(given) if given else {}
        if info_name is not None:
            named[info_name] = info_class(_raw_info=info, _field=declared)
        return resolver(source, **named) if takes_self else resolver(**named)

    if not declared.is_async:
        return resolve

    async def resolve_later(source: Any, info: Any, **given: Any) -> Any:
        return await resolve(source, info, **given)

    return resolve_later
