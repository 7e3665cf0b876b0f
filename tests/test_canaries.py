"""The search for canaries finds each of them however an output writes it, and nothing else."""

import base64
import json
from urllib.parse import quote

import pytest

from tests.canaries import PART, SHAPES, Search, canary

FORMS = {
    "raw": lambda text: text,
    "url": lambda text: quote(text, safe=""),
    "url twice": lambda text: quote(quote(text, safe=""), safe=""),
    "all of it url": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "json": json.dumps,
    "json in json": lambda text: json.dumps(json.dumps(text)),
    "all of it json": lambda text: "".join(f"\\u{ord(one):04x}" for one in text),
    "html": lambda text: "".join(f"&#{ord(one)};" for one in text),
    "hex": lambda text: text.encode().hex(),
    "upper hex": lambda text: text.encode().hex().upper(),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64, one later": lambda text: base64.b64encode(b"x" + text.encode()).decode(),
    "base64, two later": lambda text: base64.b64encode(b"xy" + text.encode()).decode(),
    "base64url": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "reversed": lambda text: text[::-1],
    "upper": str.upper,
    "lower": str.lower,
}


@pytest.mark.parametrize("form", FORMS)
def test_a_canary_is_found_in_every_form(form: str) -> None:
    planted = [canary(shape, "here") for shape in SHAPES]
    search = Search(planted)
    for one in planted:
        found = search.leaks(f'{{"x": "{FORMS[form](one.secret)}"}} and more')
        assert {leak.canary for leak in found} == {one}, one


@pytest.mark.parametrize("form", FORMS)
def test_any_part_of_nine_characters_is_found(form: str) -> None:
    one = canary("github", "here")
    search = Search([one])
    for at in range(len(one.secret) - PART + 1):
        assert search.leaks(f"«{FORMS[form](one.secret[at : at + PART])}»")


def test_what_is_no_secret_is_not_found() -> None:
    planted = [canary(shape, "here") for shape in SHAPES]
    others = " ".join(canary(shape, "there").text for shape in SHAPES)
    assert Search(planted).leaks(others) == set()
    assert Search(planted).leaks(others.encode().hex()) == set()


def test_canaries_are_all_different_and_always_the_same() -> None:
    made = [canary(shape, place) for shape in SHAPES for place in ("a", "b", "c")]
    assert len({one.secret for one in made}) == len(made)
    assert canary("jwt", "a") == canary("jwt", "a")
    assert all(len(one.secret) >= PART for one in made)
    assert all(one.secret in one.text or one.shape == "basic" for one in made)
