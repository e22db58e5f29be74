"""The table of event kinds in the single-file verifier, derived from the payload classes it must agree with.

After a kind was added or the verifier changed, `python -m tests.support.kinds_table` writes the table into it
and its SHA-256 into docs/auditor.md; tests compare.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic.fields import FieldInfo

from schema.events import base, kinds, registry, registry_kinds
from tests.support import places
from tracker.evidence import standalone
from tracker.kinds import is_decision

BEGIN, END = 'KINDS = json.loads(\n    r"""\n', '\n"""\n)'
WIDTH = 106
JUDGED: Mapping[str, type[base.Value]] = {"JudgedClock": base.JudgedClock, "JudgedValue": base.JudgedValue}
"""What every payload may have, and so stands in the table once."""

PUBLISHED = re.compile(r"SHA-256 of this version's `verify\.py`:\n\n    ([0-9a-f]{64})\n")
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"[,:]?|[\w.-]+,?|[^"\w]')


def table() -> Mapping[str, Any]:
    """Named shapes, and the shape of each kind's payload by kind and version."""
    named = dict(_aliases())
    found = {}
    for (kind, version), payload in sorted(kinds().items()):
        schema = payload.model_json_schema()
        found[f"{kind} {version}"] = _shape(schema, schema.get("$defs", {}), named)
    used = json.dumps(found)
    shapes = {name: _alias_shape(pattern) for pattern, name in named.items() if f'"{name}"' in used}
    shapes["reason"] = ["word", *_enum("Reason")]
    shapes |= {_snake(name): _plain(one.model_json_schema(), {}, named) for name, one in JUDGED.items()}
    shapes["commitment"] = ["object", {"commitment": "digest"}]
    return {
        "shapes": shapes,
        "registry": sorted(registry_kinds()),
        "decisions": _decisions(),
        "payloads": found,
    }


def _decisions() -> list[str]:
    """The kinds that never stand outside the rules."""
    return sorted({kind for kind, _ in kinds() if is_decision(kind)})


def source() -> str:
    """The table as it stands in the verifier."""
    lines = [""]
    # A comma or space inside a text must stay where it is, so lines end between tokens only.
    for token in TOKEN.findall(json.dumps(table(), separators=(",", ":"), ensure_ascii=True)):
        if len(lines[-1]) + len(token) > WIDTH:
            lines[-1] = lines[-1].rstrip()
            lines.append("")
        lines[-1] += token + " " * token.endswith((",", ":"))
    return "\n".join(lines)


def _aliases() -> Iterator[tuple[str, str]]:
    """Patterns that have a name of their own in the schema, with that name in the table."""
    names = {
        "Sha256": "digest",
        "ShortName": "short",
        "EventId": "event",
        "Word": "term",
    }
    for module in (base, registry):
        for name, value in vars(module).items():
            for one in get_args(value)[1:] if get_args(value)[:1] == (str,) else ():
                pattern = next(
                    (m.pattern for m in getattr(one, "metadata", ()) if hasattr(m, "pattern")), None
                )
                if isinstance(one, FieldInfo) and pattern:
                    yield pattern, names.get(name, _snake(name))


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _alias_shape(pattern: str) -> list[Any]:
    return ["text", 0, None, _of_python(pattern)]


def _of_python(pattern: str | None) -> str | None:
    """The pattern in the words of Python's `re`, which knows no classes by Unicode category."""
    return None if pattern is None else pattern.replace(r"\p{Cc}", r"\x00-\x1f\x7f-\x9f")


def _enum(name: str) -> list[str]:
    from schema import vocabulary

    return [member.value for member in getattr(vocabulary, name)]


def _shape(schema: Mapping[str, Any], defs: Mapping[str, Any], named: Mapping[str, str]) -> Any:
    """A shape of the verifier's small language for a JSON Schema of pydantic's."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name in ("Commitment", "Reason"):
            return name.lower()
        if name in JUDGED:
            return _snake(name)
        return _shape(defs[name], defs, named)
    if "anyOf" in schema:
        choices = [_shape(one, defs, named) for one in schema["anyOf"] if one.get("type") != "null"]
        return choices[0] if len(choices) == 1 else ["either", *choices]
    if "enum" in schema:
        return ["word", *schema["enum"]]
    return _plain(schema, defs, named)


def _plain(schema: Mapping[str, Any], defs: Mapping[str, Any], named: Mapping[str, str]) -> Any:
    kind = schema["type"]
    if kind == "string":
        if schema.get("format") == "date-time":
            return "instant"
        pattern = schema.get("pattern")
        if (
            isinstance(pattern, str)
            and pattern in named
            and "minLength" not in schema
            and "maxLength" not in schema
        ):
            return named[pattern]
        return ["text", schema.get("minLength", 0), schema.get("maxLength"), _of_python(pattern)]
    if kind == "integer":
        return ["integer", schema.get("minimum"), schema.get("maximum")]
    if kind == "array":
        items = _shape(schema["items"], defs, named)
        return ["list", items, schema.get("minItems", 0), schema.get("maxItems")]
    if kind == "object":
        return [
            "object",
            {_name(key, one): _shape(one, defs, named) for key, one in schema["properties"].items()},
        ]
    assert kind == "boolean", schema
    return "flag"


def _name(key: str, schema: Mapping[str, Any]) -> str:
    """What may be left out is marked; a default that is not null is always written out."""
    return key + "?" if "default" in schema and schema["default"] is None else key


def write() -> None:
    """Put the table of today's kinds into the verifier."""
    path = Path(standalone.__path__[0]) / "verify.py"
    text = path.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    path.write_text(before + BEGIN + source() + END + after, encoding="utf-8")
    publish(path.read_bytes())


def publish(program: bytes) -> None:
    """Put the digest of the verifier into the page that auditors read, and beside it into the wheel."""
    digest = hashlib.sha256(program).hexdigest()
    beside = Path(standalone.__path__[0]) / "verify.py.sha256"
    beside.write_text(f"{digest}  verify.py\n", encoding="utf-8")
    page = places.ROOT / "docs" / "auditor.md"
    text = page.read_text(encoding="utf-8")
    found = PUBLISHED.search(text)
    assert found is not None, f"{page} names no digest"
    page.write_text(text[: found.start(1)] + digest + text[found.end(1) :], encoding="utf-8")


if __name__ == "__main__":
    write()
