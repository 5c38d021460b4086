"""The look of an organisation: what is taken, what is refused, and where it may stand."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from landzicht.errors.portal import BadTheme
from landzicht.portal import Portal
from landzicht.portal.settings import Settings, load_settings
from landzicht.portal.theme import MOST_BYTES, read_theme, theme_or_none
from landzicht.portal.wiring import open_services
from landzicht.web.app import create_app

EXAMPLE = Path(__file__).parents[2] / "docs/themes/example.css"
GOOD = ":root { --lz-brand: #005ea5; }"


def theme(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "theme.css"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        "\ufeff" + GOOD,
        "/* url(https://elsewhere.example) is only a comment */ " + GOOD,
        """a { b: url("data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E"); }""",
        ":root { --lz-logo: url(data:image/png;base64,iVBORw0KGgo=); }",
        "@media (width < 600px) { h1 { content: '</p> { https'; } }",
    ],
)
def test_css_that_fetches_nothing_is_taken(tmp_path: Path, text: str) -> None:
    path = theme(tmp_path, text)
    assert read_theme(path) == path.read_bytes()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "just words",
        "<html><style>a{}</style></html>",
        "<!doctype html>a{}",
        "a { color: red; } }",
        "a { color: red;",
        b"\xff\xfe\x00a{}",
        "@import 'other.css'; " + GOOD,
        "@IMPORT url(x.css); " + GOOD,
        "@/**/import 'x'; " + GOOD,
        "a { background: url(https://elsewhere.example/x.png); }",
        "a { background: url('//elsewhere.example/x.png'); }",
        "a { background: URL( /local.png ); }",
        "a { background: u\\72l(https://elsewhere.example); }",
        "a { background: url(/**/'https://elsewhere.example'); }",
        "a { background: image-set('https://elsewhere.example/x.png' 1x); }",
        "a { background: -webkit-image-set('x.png' 1x); }",
        "a { background: src('https://elsewhere.example'); }",
        "a { background: url(data:text/html,<script>); }",
        "a { background: url(data:image/png;base64,x) url(https://elsewhere.example); }",
        "@font-face { font-family: x; src: url(font.woff2); }",
        "/* " + "x" * MOST_BYTES + " */" + GOOD,
    ],
)
def test_everything_else_is_refused_with_a_reason(tmp_path: Path, text: str | bytes) -> None:
    path = theme(tmp_path, text)
    with pytest.raises(BadTheme) as told:
        read_theme(path)
    for language in ("nl", "en"):
        assert str(path) in told.value.say(language)
        assert "{" not in told.value.say(language).replace(str(path), "")
    assert theme_or_none(str(path)) == b""


def test_no_file_no_theme(tmp_path: Path) -> None:
    with pytest.raises(BadTheme):
        read_theme(tmp_path / "absent.css")
    assert theme_or_none(str(tmp_path)) == b""
    assert theme_or_none("") == b""


@given(st.text(max_size=80))
def test_no_text_breaks_the_check(text: str) -> None:
    from landzicht.portal.theme import _problem

    found = _problem(text)
    assert found is None or found.nl
    assert _problem(text + "url(https://x)") is not None


def test_the_setting_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = theme(tmp_path, GOOD)
    data = tmp_path / "data"
    data.mkdir()
    (data / "landzicht.toml").write_text(f'theme = "{path}"\n')
    assert load_settings(data).theme == str(path)
    monkeypatch.setenv("LANDZICHT_THEME", "/other.css")
    assert load_settings(data).theme == "/other.css"


@pytest.mark.parametrize("text", [GOOD, "@import 'x';"])
def test_it_is_served_only_when_it_is_good(tmp_path: Path, text: str) -> None:
    path = theme(tmp_path, text)
    services = open_services(Settings(data=tmp_path / "data", theme=str(path)))
    with TestClient(create_app(Portal(services), warm=False)) as client:
        answer = client.get("/theme.css")
        assert answer.text == (text if text == GOOD else "")
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        assert '<link rel="stylesheet" href="/theme.css">' in client.get("/uitleg").text


def test_the_example_of_the_documentation_is_good() -> None:
    text = read_theme(EXAMPLE).decode()
    for name in ("--lz-brand", "--lz-on-brand", "--lz-logo", "prefers-color-scheme: dark"):
        assert name in text
