"""Documents that we wrote, some of them made to do harm."""

from __future__ import annotations

import io
import zlib
from collections.abc import Sequence

from pypdf import PdfReader, PdfWriter

HANDBOOK = """# Heron handbook

The Heron is a boat for two.

## Sails

Reef the mainsail above 20 knots.

## Engine

### Oil

Change the oil every 100 hours.

```
# this is no heading
oil --change
```
"""
PAGE = """<!DOCTYPE html>
<html><head><title>Heron &amp; crew</title><style>p { color: red }</style></head>
<body><nav>Home | About</nav>
<h1>Heron</h1><p>The Heron is a boat<br>for two.</p>
<script>alert("never read")</script>
<h2>Sails</h2><div>Reef the <b>mainsail</b> above 20 knots.</div>
<ul><li>Jib</li><li>Spinnaker</li></ul>
<table><tr><th>Wind</th><th>Reef</th></tr><tr><td>20</td><td>1</td></tr></table>
</body></html>"""


def pdf(*pages: Sequence[str], outline: Sequence[tuple[str, int]] = (), title: str = "") -> bytes:
    """Return a PDF with these lines on its pages, and an outline of (heading, page from 0 on)."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(_drawn([_shown(each) for each in pages]))))
    for heading, page in outline:
        writer.add_outline_item(title=heading, page_number=page)
    if title:
        writer.add_metadata({"/Title": title})
    return _saved(writer)


def locked(data: bytes, password: str) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    writer.encrypt(user_password=password, owner_password="owner", algorithm="RC4-128")
    return _saved(writer)


def bomb(megabytes: int) -> bytes:
    """Return a small PDF whose one page unpacks to so much."""
    return _drawn([zlib.compress(b" " * megabytes * 1_000_000, 9)], "/Filter /FlateDecode")


def _saved(writer: PdfWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _shown(lines: Sequence[str]) -> bytes:
    said = (line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)") for line in lines)
    return (
        "BT /F1 12 Tf 72 720 Td 16 TL " + " ".join(f"({s}) Tj T*" for s in said) + " ET"
    ).encode()


def _drawn(contents: Sequence[bytes], filtered: str = "") -> bytes:
    count = len(contents)
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(count))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {count} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for n, content in enumerate(contents):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {5 + 2 * n} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        head = f"<< /Length {len(content)} {filtered} >>".encode()
        objects.append(head + b"\nstream\n" + content + b"\nendstream")
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, each in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + each + b"\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}".encode()
    out += f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\n".encode()
    return bytes(out + f"startxref\n{start}\n%%EOF\n".encode())
