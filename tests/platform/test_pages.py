from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mnemos.pages import Browsable, pages

A_BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


async def api(_: Request) -> Response:
    return JSONResponse({"data": None})


def client(built: Path) -> httpx.AsyncClient:
    answering = Browsable(
        Starlette(routes=[Route("/graphql", api, methods=["GET", "POST"])]), built
    )
    app = Starlette(routes=[Route("/graphql", answering), *pages(built)])
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost")


@pytest.fixture
def built(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<title>explorer</title>")
    (tmp_path / "assets" / "main-1a2b.js").write_text("export {}")
    return tmp_path


async def test_a_browser_gets_the_explorer_under_a_strict_policy(built: Path) -> None:
    async with client(built) as browser:
        page = await browser.get("/graphql", headers=A_BROWSER)
    assert "explorer" in page.text
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy


@pytest.mark.parametrize(
    ("method", "address", "headers"),
    [
        ("GET", "/graphql", {"accept": "application/json"}),
        ("GET", "/graphql?query={viewer{actor}}", A_BROWSER),
        ("POST", "/graphql", A_BROWSER),
    ],
)
async def test_a_client_gets_the_api(
    built: Path, method: str, address: str, headers: dict[str, str]
) -> None:
    async with client(built) as program:
        answer = await program.request(method, address, headers=headers)
    assert answer.json() == {"data": None}


async def test_files_with_a_hash_in_their_name_are_kept_for_good(built: Path) -> None:
    async with client(built) as browser:
        script = await browser.get("/web/assets/main-1a2b.js")
        page = await browser.get("/web/index.html")
    assert "immutable" in script.headers["cache-control"]
    assert page.headers["cache-control"] == "no-cache"


async def test_nothing_outside_of_what_was_built_is_served(built: Path) -> None:
    secret = built.parent / "secret.txt"
    secret.write_text("hush")
    async with client(built) as browser:
        for address in ["/web/../secret.txt", "/web/%2e%2e/secret.txt", "/web/assets/none.js"]:
            assert (await browser.get(address)).status_code == 404


async def test_the_root_leads_to_the_explorer(built: Path) -> None:
    async with client(built) as browser:
        answer = await browser.get("/")
    assert answer.headers["location"] == "/graphql"


async def test_without_a_build_the_page_says_how_to_get_one(tmp_path: Path) -> None:
    async with client(tmp_path) as browser:
        page = await browser.get("/graphql", headers=A_BROWSER)
    assert page.status_code == 404
    assert "make web" in page.text
