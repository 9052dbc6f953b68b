"""Selections of plain attributes, read by functions that are generated for them.

Most of an answer is lists of objects whose fields are attributes. The stock executor asks of every
one of them which field it is, who resolves it, whether the result is awaitable, and what its type
makes of it. Here one Python function is written for each (type, selection), with all of that decided
beforehand: it reads the attributes, checks that each is what its type usually is, and returns the
same ``dict`` or ``list``.

Whatever is not usual raises inside that function, and the stock executor completes the same value
once more from its beginning: a null where none may be, another type, an exception, an awaitable. So
errors, their paths and their order are the stock executor's own.
"""
