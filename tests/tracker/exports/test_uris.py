"""The addresses of an EPCIS document: configured in a file, and GS1 Digital Link where a code is GS1."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from schema.errors import InputError
from schema.events.identity import AdoptedCode
from schema.vocabulary import CodeType
from tests.support.commands import Cartrail
from tests.support.demos import DemoSite
from tracker.exports.uris import FILE, NOBODY, Uris, digital_link, uris_in


def adopted(value: str) -> AdoptedCode:
    """Another issuer's code."""
    return AdoptedCode(issuer="MAKER", type=CodeType.CONTAINER, value=value)


@pytest.mark.parametrize(
    ("value", "link"),
    [
        ("010950600013435221ABC/1", "https://id.gs1.org/01/09506000134352/21/ABC%2F1"),
        (
            "https://example.org/01/09506000134352/21/ABC?17=261231",
            "https://id.gs1.org/01/09506000134352/21/ABC",
        ),
        ("https://id.gs1.org/00/195212345678900006", "https://id.gs1.org/00/195212345678900006"),
        ("010950600013435210LOT7", None),
        ("010950600013435321ABC", None),
        ("LOT-77", None),
        ("=A99992600000100", None),
    ],
)
def test_digital_link(value: str, link: str | None) -> None:
    """Only what names one thing, and only where its check digit fits."""
    assert digital_link(value) == link
    own = f"{NOBODY}/adopted/MAKER/container/"
    assert Uris(digital_link=True).adopted(adopted(value)) == link or link is None
    assert Uris().adopted(adopted(value)).startswith(own)


def test_configured(tmp_path: Path) -> None:
    """Without a file nobody's addresses; with it one's own."""
    assert uris_in(tmp_path) == Uris()
    (tmp_path / FILE).write_text('[epcis]\nbase = "https://id.example.org/cart/"\ndigital_link = true\n')
    assert uris_in(tmp_path) == Uris("https://id.example.org/cart", digital_link=True)
    assert uris_in(tmp_path).own("unit", "a/b") == "https://id.example.org/cart/unit/a%2Fb"


@pytest.mark.parametrize(
    "text",
    [
        "epcis",
        '[epcis]\nbase = "javascript:alert(1)"',
        '[epcis]\nbase = "https://a b"',
        "[epcis]\nbase = 7",
        '[epcis]\ndigital_link = "yes"',
        "[epcis]\nother = 1",
        '[other]\nbase = "https://id.example.org"',
    ],
)
def test_what_is_wrong_in_the_file(text: str, tmp_path: Path) -> None:
    """It is named with the file, and nothing is guessed."""
    (tmp_path / FILE).write_text(text)
    with pytest.raises(InputError, match=FILE):
        uris_in(tmp_path)


def test_the_document_has_them(cartrail: Cartrail, demo_site: DemoSite, tmp_path: Path) -> None:
    """Every identifier of ours begins with the base, and the document says so."""
    (tmp_path / "config").mkdir(exist_ok=True)
    (tmp_path / "config" / FILE).write_text('[epcis]\nbase = "https://id.example.org"\n')
    asked = ("trail", demo_site.coi("closed"), "--format", "epcis", "--database", demo_site.path)
    document = orjson.loads(cartrail(*asked).out)
    assert "https://id.example.org" in document["cartrail:export"]["cartrail:identifiers"]
    text = orjson.dumps(document["epcisBody"]).decode()
    assert NOBODY not in text and "https://id.example.org/coi/" in text
