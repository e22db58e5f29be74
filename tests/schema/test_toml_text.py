"""What a short file cannot make the reader do."""

from __future__ import annotations

import tomllib

import pytest

from schema.toml_text import read_toml

LONG = ".".join(["a"] * 17)


class TestReadToml:
    @pytest.mark.parametrize(
        "text",
        [
            f"{LONG} = 1\n",
            f"[{LONG}]\n",
            f"x = {{{LONG} = 1}}\n",
            ".".join(['"a"'] * 17) + " = 1\n",
            f"# '''\n{LONG} = 1\n# '''\n",
            f"y = '''\n'''\n{LONG} = 1\n",
        ],
    )
    def test_a_key_of_many_parts_is_no_toml(self, text: str) -> None:
        with pytest.raises(tomllib.TOMLDecodeError, match="a key has more than 16 parts"):
            read_toml(text)

    @pytest.mark.parametrize("text", ["x = " + "[" * 20_000, "x = " + "{a=" * 3_000])
    def test_what_is_nested_without_end_is_no_toml(self, text: str) -> None:
        with pytest.raises(tomllib.TOMLDecodeError, match="nested deeper than 32 times"):
            read_toml(text)

    def test_the_line_is_named(self) -> None:
        text = f'one = """\n\n"""\n# a note\n{LONG} = 1\n'
        with pytest.raises(tomllib.TOMLDecodeError, match="about line 5"):
            read_toml(text)

    def test_dots_and_brackets_in_texts_and_comments_are_no_keys(self) -> None:
        text = f'one = "{LONG}.b"  # {LONG}. [[[[\ntwo = \'{"[" * 40}\'\nthree = "a \\" {LONG}.c"\n'

        assert read_toml(text) == {"one": f"{LONG}.b", "two": "[" * 40, "three": f'a " {LONG}.c'}

    def test_a_word_of_a_megabyte_is_looked_at_once(self) -> None:
        with pytest.raises(tomllib.TOMLDecodeError):
            read_toml("a" * 1_000_000)
