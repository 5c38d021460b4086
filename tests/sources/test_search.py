"""Whatever an API answers, a search ends, and gives each id once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from landzicht.formats.remote.parts import Lasting
from landzicht.sources.search import MOST_PAGES, Answer, Api, Question
from landzicht.text import Text

HOME = "https://example.org/stac"
LANDING = {"links": [{"rel": "search", "href": f"{HOME}/search", "method": "POST"}]}
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=6,
)
HREFS = st.sampled_from(
    [HOME, f"{HOME}/search", "/search?token=2", "search", "//other.org/x", "http://[::1", "ftp://x",
     "https://example.org:444/x", "https://user:secret@example.org/x", "javascript:alert(1)", "\n"]
) | st.text(max_size=20)  # fmt: skip
LINKS = st.lists(
    ANY
    | st.fixed_dictionaries(
        {"rel": st.just("next"), "href": HREFS | ANY},
        optional={
            "method": st.sampled_from(["GET", "POST", "DELETE", 7]),
            "merge": st.sampled_from([True, False, "yes"]),
            "body": ANY,
            "headers": ANY | st.dictionaries(st.text(max_size=8), st.text(max_size=8)),
        },
    ),
    max_size=3,
)
ITEMS = st.lists(ANY | st.builds(lambda name: {"id": name}, st.sampled_from("abc")))
PAGES = ANY | st.fixed_dictionaries(
    {"features": ITEMS | ANY},
    optional={"links": LINKS | ANY, "numberMatched": ANY, "context": ANY},
)  # fmt: skip


class Says:
    """Gives pages, the last one for ever."""

    def __init__(self, pages):
        self.pages, self.asked = pages, []

    def json(self, url, body=None, headers=None):
        self.asked.append((url, headers))
        page = self.pages[min(len(self.asked), len(self.pages)) - 1]
        if not isinstance(page, dict):
            raise Lasting(Text(nl="geen object", en="no object"))
        return page


@given(pages=st.lists(PAGES, min_size=1, max_size=5))
def test_a_search_ends_and_stays_at_home(pages):
    says = Says([LANDING, *pages])
    api = Api(says, HOME)
    answer = Answer()
    found = []
    try:
        found.extend(api.search(Question(collection="c", when=""), answer, lambda ask: ask()))
    except Lasting:
        pass
    names = [one["id"] for one in found if isinstance(one, dict) and isinstance(one.get("id"), str)]
    assert len(names) == len(set(names))
    assert len(says.asked) <= MOST_PAGES + 1
    for url, headers in says.asked:
        assert url.startswith("https://example.org/") or url == HOME
        assert "authorization" not in {str(name).lower() for name in headers or {}}


@given(landing=ANY | st.dictionaries(st.sampled_from(["links", "conformsTo"]), LINKS | ANY))
def test_a_landing_page_is_one_or_refused(landing):
    try:
        api = Api(Says([landing]), HOME)
    except Lasting:
        return
    assert api.address == HOME


def test_the_box_and_the_days_are_asked_for_in_both_ways():
    page = {"features": []}
    question = Question(collection="c", when="2025-06-01T00:00:00Z/..", box=(3.0, 50.0, 7.0, 54.0))
    get = {"links": [{"rel": "search", "href": "search?x=1"}]}
    for landing in (LANDING, get):
        says = Says([landing, page])
        bodies = []
        plain = says.json

        def note(url, body=None, headers=None, plain=plain, bodies=bodies):
            bodies.append((url, body))
            return plain(url, body, headers)

        says.json = note
        list(Api(says, HOME).search(question, Answer(), lambda ask: ask()))
        url, body = bodies[1]
        if landing is LANDING:
            assert body == {"collections": ["c"], "limit": 100, "bbox": [3.0, 50.0, 7.0, 54.0],
                            "datetime": "2025-06-01T00:00:00Z/.."}  # fmt: skip
        else:
            assert body is None
            assert url.startswith(f"{HOME}/search?x=1&collections=c&limit=100")
            assert "bbox=3.0,50.0,7.0,54.0" in url
            assert "datetime=2025-06-01T00:00:00Z/.." in url
