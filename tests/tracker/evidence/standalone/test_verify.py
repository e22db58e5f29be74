"""The verifier that travels alone: on every Python from 3.8 on, with and without the faster library."""

import ast
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from schema.canonical import INTEGER_MAX, NESTING_MAX
from schema.identifiers import check_characters
from schema.instants import CLOCKS_APART_MAX, format_minute, parse_instant
from schema.papercodes import TREE_SIZE_MAX, head_code, receipt_code
from schema.vocabulary import EntryMode, Meaning, ReadMode
from tests.support import places
from tests.support.bundles import Hall, changed, files_of, opened_hall
from tests.support.demos import coi_of, copied
from tests.support.kinds_table import PUBLISHED, table
from tracker.bundle.contents import verifier_source
from tracker.demo.run import DemoResult
from tracker.evidence.note import SIGNATURES_MAX
from tracker.evidence.standalone import verify

SOURCE = Path(verify.__file__)
VERSIONS = ("3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14")
OLDEST = (3, 8)

VECTORS = json.loads((places.VECTORS / "ed25519.json").read_text(encoding="utf-8"))["vectors"]
SMALL_ORDER = (
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
)
NOT_CANONICAL = (
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "0100000000000000000000000000000000000000000000000000000000000080",
)


def interpreters() -> list[str]:
    """Every Python from the oldest on that lies on this machine; nothing is started to find out.

    A shim of pyenv stands for a Python that may not be installed, so its folders are looked into instead.
    """
    found = [sys.executable]
    for version in VERSIONS:
        folders = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
        there = [shutil.which(f"python{version}"), *map(str, folders.glob(f"{version}.*/bin/python"))]
        found += [path for path in there if path and "shims" not in Path(path).parts][:1]
    return found


def works(path: str) -> bool:
    """Whether it starts, with the library that Pythons lack where they were built without it."""
    done = subprocess.run([path, "-I", "-c", "import ssl"], capture_output=True, check=False)
    return done.returncode == 0


@pytest.fixture(scope="module")
def hall(demo_result: DemoResult, tmp_path_factory: pytest.TempPathFactory) -> Hall:
    """A demo with a bundle of two young therapies: without a library each signature takes milliseconds."""
    made = opened_hall(copied(demo_result, tmp_path_factory.mktemp("script") / "demo"))
    outcomes = ("in transit to manufacturing", "collected, to be frozen")
    made.export("two", *(coi_of(made.demo, outcome) for outcome in outcomes))
    made.tracker.close()
    return made


def ran(python: str, bundle: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The verifier out of a bundle, alone in an empty folder."""
    folder = bundle.parent / "alone"
    folder.mkdir(exist_ok=True)
    script = folder / "verify.py"
    script.write_bytes(files_of(bundle.read_bytes())["verify.py"])
    return subprocess.run(
        [python, "-I", str(script), str(bundle), *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"], "PYTHONIOENCODING": "utf-8"},
    )


@pytest.mark.parametrize("python", interpreters(), ids=lambda path: Path(path).parent.parent.name)
def test_runs_alone_on_each_python(python: str, hall: Hall) -> None:
    """A good bundle exits 0, the same with one word changed exits 4, and no Python tells a traceback."""
    if not works(python):
        pytest.skip(f"{python} does not start here.")
    path = hall.written["two"].path
    done = ran(python, path)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    assert "no outside head given" in done.stdout and "simulated clock" in done.stdout
    broken = path.with_name("broken.zip")
    broken.write_bytes(
        changed(path.read_bytes(), "entries.ndjson", lambda body: body.replace(b'"live"', b'"late"', 1))
    )
    done = ran(python, broken, "--require-head")
    assert (done.returncode, done.stderr) == (4, "") and "FINDING" in done.stdout
    done = ran(python, path, "--head", "CTHWRONG")
    assert done.returncode == 2 and "head code" in done.stderr and "Traceback" not in done.stderr


def test_a_name_without_letters_on_this_terminal(hall: Hall) -> None:
    """What is told may name anybody, and the terminal may know no letters but ASCII."""
    path = hall.written["two"].path
    broken = path.with_name("named.zip")
    broken.write_bytes(
        changed(
            path.read_bytes(),
            "entries.ndjson",
            lambda body: body.replace(b'"name":"', '"name":"Zo\u00eb '.encode(), 1),
        )
    )
    script = path.parent / "verify.py"
    script.write_bytes(verifier_source())
    start = "import runpy, sys; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", start, str(script), str(broken)],
        capture_output=True,
        check=False,
        env={"PATH": os.environ["PATH"], "PYTHONIOENCODING": "ascii"},
    )
    assert done.returncode == 4 and done.stderr == b"" and b"Zo\\xeb" in done.stdout


def is_the_library(node: ast.AST) -> bool:
    """Whether it is the one import of a package that may be there or not."""
    return isinstance(node, ast.ImportFrom) and (node.module or "").startswith("cryptography.")


def test_is_python_3_8_of_the_standard_library() -> None:
    """What no interpreter of that age is here to try: its grammar, and that it imports nothing of ours."""
    source = SOURCE.read_text(encoding="utf-8")
    module = ast.parse(source, feature_version=OLDEST)
    everywhere = [node for node in ast.walk(module) if not is_the_library(node)]
    imported = {node.module or "" for node in everywhere if isinstance(node, ast.ImportFrom)}
    for node in ast.walk(module):
        imported |= {alias.name for alias in node.names} if isinstance(node, ast.Import) else set()
    assert {name.partition(".")[0] for name in imported} <= sys.stdlib_module_names
    # What is imported where the file begins has to be there; `cryptography` it can do without.
    assert "cryptography" not in {name.partition(".")[0] for name in imported}
    # Names that came after 3.8.
    newer = r"\.removeprefix\(|\.removesuffix\(|\.bit_count\(|strict=|datetime\.UTC|math\.lcm"
    assert re.search(newer, source) is None


def test_the_bundle_carries_this_file() -> None:
    """The copy in a bundle is the file in the package, byte for byte."""
    assert verifier_source() == SOURCE.read_bytes()


def test_it_knows_the_kinds_of_the_schema() -> None:
    """After a kind was added: `python -m tests.support.kinds_table`."""
    assert table() == verify.KINDS


def test_it_keeps_to_the_limits_of_the_program() -> None:
    """It imports nothing of ours, so its numbers and words are written in it a second time."""
    assert (verify.INTEGER_MAX, verify.NESTING_MAX) == (INTEGER_MAX, NESTING_MAX)
    assert (verify.SIGNATURES_MAX, verify.TREE_SIZE_MAX) == (SIGNATURES_MAX, TREE_SIZE_MAX)
    assert verify.BEHIND_MAX == CLOCKS_APART_MAX
    for words, vocabulary in (
        (verify.ENTRY_MODES, EntryMode), (verify.READ_MODES, ReadMode), (verify.MEANINGS, Meaning),
    ):  # fmt: skip
        assert {*words} == {one.value for one in vocabulary}


def patterns(shape: object) -> Iterator[str]:
    """Every pattern in the verifier's table."""
    if isinstance(shape, list) and shape[0] == "text" and isinstance(shape[3], str):
        yield shape[3]
    elif isinstance(shape, list | dict):
        for one in shape.values() if isinstance(shape, dict) else shape:
            yield from patterns(one)


def test_patterns_are_of_whole_texts() -> None:
    """The verifier matches whole texts with what stands between `^` and `$`, so both must mean the whole."""
    found = set(patterns(verify.KINDS))
    assert len(found) > 15
    for pattern in found:
        re.compile(pattern)
        assert pattern.startswith("^") and pattern.endswith("$") and "\\p" not in pattern
        outside = re.sub(r"\([^()]*(\([^()]*\)[^()]*)*\)", "", pattern)
        assert "|" not in outside


@pytest.fixture(params=["by the library", "by own sums"])
def sums(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Both ways in which the verifier checks a signature."""
    if request.param == "by own sums":
        monkeypatch.setattr(verify, "_library", lambda: None)
    assert (verify._library() is None) is (request.param == "by own sums")
    verify.signature_fits.cache_clear()
    yield
    verify.signature_fits.cache_clear()


@pytest.mark.usefixtures("sums")
@pytest.mark.parametrize("vector", VECTORS)
def test_ed25519_by_the_published_vectors(vector: dict[str, str]) -> None:
    """And each with another message, another S, and S plus the group's order."""
    key, said, value = (bytes.fromhex(vector[name]) for name in ("public", "message", "signature"))
    assert verify.signature_fits(key, said, value)
    assert not verify.signature_fits(key, said + b"x", value)
    more = int.from_bytes(value[32:], "little") + verify.L
    assert not verify.signature_fits(key, said, value[:32] + more.to_bytes(32, "little"))
    for place in (0, 31, 32, 63):
        other = value[:place] + bytes([value[place] ^ 1]) + value[place + 1 :]
        assert not verify.signature_fits(key, said, other)
    assert not verify.signature_fits(key, said, value[:63])


@pytest.mark.usefixtures("sums")
def test_ed25519_of_keys_made_by_the_library() -> None:
    """On keys and messages of its own making."""
    for number in range(20):
        private = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)
        public, message = private.public_key().public_bytes_raw(), b"m" * number
        assert verify.signature_fits(public, message, private.sign(message))
        assert verify.is_public_key(public)


@pytest.mark.usefixtures("sums")
@pytest.mark.parametrize("public", [*SMALL_ORDER, *NOT_CANONICAL])
def test_keys_that_sign_anything_are_none(public: str) -> None:
    """Points of small order, and second encodings of a point."""
    assert not verify.is_public_key(bytes.fromhex(public))
    assert not verify.signature_fits(bytes.fromhex(public), b"", bytes.fromhex(public) + bytes(32))


def test_points_that_are_not_on_the_curve_are_none() -> None:
    """By Euler's criterion: x squared is a square over a square, which is one when their product is."""
    for y in range(2, 300):
        product = (y * y - 1) * (verify.D * y * y + 1) % verify.P
        is_square = pow(product, (verify.P - 1) // 2, verify.P) == 1
        assert verify.is_public_key(y.to_bytes(32, "little")) is is_square


def ends_its_process(_: object) -> list[bool]:
    """What a host does to a process that takes too much."""
    os._exit(1)


@pytest.mark.usefixtures("sums")
def test_many_signatures_are_spread_over_processes(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each finding is the same and in the same order, also where a process dies or none can be started."""
    path = hall.written["two"].path
    broken = path.with_name("spread.zip")
    broken.write_bytes(
        changed(path.read_bytes(), "entries.ndjson", lambda body: body.replace(b'"scanned"', b'"pasted"', 3))
    )
    alone = list(verify.verify_file(broken).lines())
    assert sum("does not fit" in line for line in alone) >= 1
    started: list[ProcessPoolExecutor] = []
    honest = verify._processes

    def watched() -> Any:
        started.append(honest())
        return started[-1]

    monkeypatch.setattr(verify, "BATCH_BY_LIBRARY", 5)
    monkeypatch.setattr(verify, "BATCH_BY_OWN_SUMS", 5)
    monkeypatch.setattr(verify, "_processes", watched)
    verify.signature_fits.cache_clear()
    assert list(verify.verify_file(broken).lines()) == alone and len(started) == 1
    monkeypatch.setattr(verify, "all_fit", ends_its_process)
    assert list(verify.verify_file(broken).lines()) == alone
    monkeypatch.setattr(verify, "_processes", lambda: None)
    assert list(verify.verify_file(broken).lines()) == alone


def test_its_digest_is_published() -> None:
    """After it was changed: `python -m tests.support.kinds_table`."""
    text = (places.ROOT / "docs" / "auditor.md").read_text(encoding="utf-8")
    assert PUBLISHED.findall(text) == [hashlib.sha256(SOURCE.read_bytes()).hexdigest()]


def test_codes_are_those_of_the_schema() -> None:
    """Check characters, heads and receipts."""
    assert verify.check_characters("ISO79") == check_characters("ISO79") == "3W"
    root = "ab" * 32
    head = head_code("cartrail/demo/0123456789abcdef", 77, root)
    assert verify.head_code("cartrail/demo/0123456789abcdef", 77, bytes.fromhex(root)) == head.text
    read = verify.read_head(head.text)
    assert (read.size, read.root.hex(), read.origin.hex()) == (77, root, head.origin_digest)
    assert verify.read_receipt(receipt_code(root).text) == root
    for wrong in ("", "CTR", receipt_code(root).text[:-1] + "0", head.text.lower()):
        with pytest.raises(verify.BadInput):
            verify.read_receipt(wrong)


@pytest.mark.parametrize(
    ("instant", "offset", "said"),
    [
        ("2026-03-02T23:30:00.000Z", "+01:00", "2026-03-03 00:30 (+01:00)"),
        ("2026-03-02T04:59:59.999Z", "-05:00", "2026-03-01 23:59 (-05:00)"),
        ("2026-03-02T04:00:00.000Z", "+05:30", "2026-03-02 09:30 (+05:30)"),
    ],
)
def test_a_time_is_told_by_the_clocks_of_the_site(instant: str, offset: str, said: str) -> None:
    """The day of a loss is that of the people who accepted it, as the program says it."""
    assert verify.minute(instant, offset) == format_minute(parse_instant(instant), offset) == said


def test_a_time_that_is_none_is_told_as_it_stands() -> None:
    """It is a finding of its own; the sentence does without."""
    assert verify.minute("yesterday", "+01:00") == "yesterday"
    assert verify.minute("2026-03-02T04:00:00.000Z", "CET") == "2026-03-02T04:00:00.000Z"
