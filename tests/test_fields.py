"""Every recorded value has a use: fields.toml names who reads each event field and each protocol key."""

import ast
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final, get_args

import pytest
from pydantic import BaseModel

from schema.commitments import Commitment
from schema.events import kinds
from tests.support.places import ROOT
from tracker.concerns import is_check
from tracker.protocols.model import Protocol
from tracker.rules.marks.values import FIELDS, VALUES

GROUPS: Final[Mapping[str, Mapping[str, Mapping[str, str]]]] = tomllib.loads(
    (ROOT / "tests" / "fields.toml").read_text(encoding="utf-8")
)
READ: Final = {
    f"{owner}.{name}": reader for owner, fields in GROUPS["read"].items() for name, reader in fields.items()
}

# It opens every committed value that was chosen to be shown, whatever the field is called.
OPENS_COMMITMENTS: Final = "tracker.exports.disclosure:Disclosure.words_of"
# It lists, on page one of a report, every value that its tables call a finding.
MARKS_VALUES: Final = "tracker.rules.marks.events:_values"
FINDING: Final = re.compile(r"[A-GL]\d+(, [A-GL]\d+)*: \w.*")
STATES: Final = {"TherapyState", "RegistryState"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def parts(annotation: object) -> Iterator[type[BaseModel]]:
    """The models in an annotation, at any depth."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from parts(inner)


@cache
def models() -> tuple[type[BaseModel], ...]:
    """Every payload class, the protocol, and every value that one of them holds."""
    found: dict[type[BaseModel], None] = {}
    waiting: list[type[BaseModel]] = [*kinds().values(), Protocol]
    while waiting:
        model = waiting.pop()
        if model is not Commitment and model not in found:
            found[model] = None
            waiting += [part for field in model.model_fields.values() for part in parts(field.annotation)]
    return tuple(found)


@cache
def fields() -> Mapping[str, object]:
    """Each field's annotation by `Class.field`; an inherited field is of the class that declares it."""
    found = {}
    for model in models():
        for name, field in model.model_fields.items():
            owner = next(one for one in model.__mro__ if name in vars(one).get("__annotations__", {}))
            found[f"{owner.__name__}.{name}"] = field.annotation
    return found


@cache
def definition(place: str) -> ast.AST:
    """What `module:name` or `module:Class.method` defines; raises LookupError where there is none."""
    module, _, path = place.partition(":")
    folder = ROOT / module.replace(".", "/")
    file = next((one for one in (folder.with_suffix(".py"), folder / "__init__.py") if one.exists()), None)
    if file is None:
        raise LookupError(f"there is no module {module}")
    node: ast.AST = ast.parse(file.read_text(encoding="utf-8"))
    for name in path.split("."):
        inner = next((one for one in ast.iter_child_nodes(node) if name in names_of(one)), None)
        if inner is None:
            raise LookupError(f"{module} has no {path}")
        node = inner
    return node


def names_of(node: ast.AST) -> set[str]:
    """The names that a statement gives: of a function, a class or a constant."""
    if isinstance(node, Function | ast.ClassDef):
        return {node.name}
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return {one.id for one in targets if isinstance(one, ast.Name)}


def reads(node: ast.AST, name: str) -> bool:
    """Whether code takes an attribute of that name or names it as a key; copying into a state is neither."""
    copied = set(copied_by(node)) if carries_state(node) else set()
    return any(
        (isinstance(one, ast.Attribute) and one.attr == name and isinstance(one.ctx, ast.Load))
        or (isinstance(one, ast.Constant) and one.value == name)
        for one in ast.walk(node)
        if one not in copied
    )


def carries_state(node: ast.AST) -> bool:
    """Whether it is a function from a state and an event to the next state."""
    returned = node.returns if isinstance(node, Function) else None
    return returned is not None and bool(
        STATES & {one.id for one in ast.walk(returned) if isinstance(one, ast.Name)}
    )


def copied_by(node: ast.AST) -> Iterator[ast.AST]:
    """The values that a call only puts into a new state: its keywords, and what a class is made of."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call):
            yield from (keyword.value for keyword in call.keywords)
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            if name[:1].isupper():
                yield from call.args


def is_marked(field: str) -> bool:
    """Whether some value of the field is listed by a check."""
    row = FIELDS.get(field)
    words = (one for one in get_args(fields()[field]) or (fields()[field],) if one in VALUES)
    return (row is not None and is_check(row.concern)) or any(
        is_check(concern) for one in words for concern in VALUES[one].values()
    )


def test_each_field_is_in_one_group() -> None:
    """A new field is read, or it is said why it is recorded; a field that is gone has no entry left."""
    listed = Counter(
        f"{owner}.{name}"
        for group in ("read", "kept", "unjudged")
        for owner, names in GROUPS[group].items()
        for name in names
    )
    assert sorted(listed) == sorted(fields())
    assert not [name for name, times in listed.items() if times > 1]
    assert set(GROUPS) == {"read", "kept", "unjudged"}


def test_no_two_classes_share_a_name() -> None:
    """The list goes by names of classes."""
    assert len({model.__name__ for model in models()}) == len(models())


@pytest.mark.parametrize("field", sorted(READ))
def test_the_reader_reads_it(field: str) -> None:
    """The named function takes the value, and does not only hand it on into a state."""
    place, _, other = READ[field].partition(" as ")
    if place == OPENS_COMMITMENTS:
        assert Commitment in parts(fields()[field]), f"{field} is no commitment"
        return
    if place == MARKS_VALUES:
        assert is_marked(field), f"no value of {field} is a finding"
        return
    name = other or field.rpartition(".")[2]
    assert reads(definition(place), name), f"{place} reads no {name}"


def test_what_is_kept_says_why() -> None:
    """A reason is a sentence, and what is left to be judged names the findings that ask for it."""
    kept = [reason for names in GROUPS["kept"].values() for reason in names.values()]
    assert all(len(reason.split()) > 3 for reason in kept)
    unjudged = [which for names in GROUPS["unjudged"].values() for which in names.values()]
    assert all(FINDING.fullmatch(which) for which in unjudged)


def test_copying_into_a_state_is_no_use() -> None:
    """A number that goes into a state which nobody asks is as unused as if it stayed in the entry."""
    fold = ast.parse(
        "def _added(state: TherapyState, payload) -> TherapyState:\n"
        "    if state.unit(payload.unit) is None:\n"
        "        return state\n"
        "    return replace(state, volume=Decimal(payload.volume_ml), key=Key(payload.key))\n"
    ).body[0]
    assert reads(fold, "unit")
    assert not reads(fold, "volume_ml")
    assert not reads(fold, "key")
