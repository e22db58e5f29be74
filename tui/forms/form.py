"""A form being filled in: which prompt is next, what was given, and the request all of it becomes."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from schema.canonical import Json
from tui.forms.prompts import FieldAnswer, Prompt, Section
from tui.language import tr

_ANOTHER: Final = tr("another, or DONE")
_THE_OTHER: Final = tr("the other one")


@dataclass(frozen=True, slots=True)
class FormRow:
    """One line of the form as a screen shows it."""

    prompt: Prompt
    given: FieldAnswer | None
    is_current: bool


@dataclass(slots=True)
class Form:
    """The answers of one person to the prompts of one request."""

    request: str
    sections: tuple[Section, ...]
    fixed: Mapping[str, Json] = field(default_factory=dict)
    """What goes into the request without being asked."""

    rounds: list[list[list[FieldAnswer | None]]] = field(default_factory=list)
    """The answers of each round of each section; a skipped answer is None."""

    at: int = 0
    """The section asked for now."""

    def __post_init__(self) -> None:
        self.rounds = self.rounds or [[[]] for _ in self.sections]

    @property
    def current(self) -> Prompt | None:
        """What is asked now; None when everything has been."""
        if self.at >= len(self.sections):
            return None
        return self.sections[self.at].prompts[len(self.rounds[self.at][-1])]

    @property
    def may_end_here(self) -> bool:
        """Whether DONE goes on from the prompt asked now."""
        return self.at < len(self.sections) and self._may_end(self.at)

    @property
    def is_empty(self) -> bool:
        """Whether nobody has answered anything yet."""
        return not any(True for rounds in self.rounds for answers in rounds for one in answers if one)

    def take(self, given: FieldAnswer) -> bool:
        """Answer the prompt asked now; False when the same was given to it before."""
        section, rounds = self.sections[self.at], self.rounds[self.at]
        position = len(rounds[-1])
        if given.key and any(
            len(one) > position and (before := one[position]) is not None and before.key == given.key
            for one in rounds
        ):
            return False
        self._add(section, given)
        return True

    def finish(self) -> bool:
        """DONE: end the rounds or skip what is optional; False when something is still needed here."""
        if self.at >= len(self.sections):
            return True
        section, answers = self.sections[self.at], self.rounds[self.at][-1]
        if not self._may_end(self.at):
            prompt = section.prompts[len(answers)]
            if not prompt.optional or not answers:
                return False
            self._add(section, None)
            return True
        if not section.many and not answers:
            answers.extend([None] * len(section.prompts))  # left out, and not asked again after a refusal
        self.at += 1
        self._skip_answered()
        return True

    def prefill(self, index: int, given: FieldAnswer) -> None:
        """Answer the first prompt of a section with what was scanned before the form was open."""
        section = self.sections[index]
        is_open = section.many and section.rounds is None
        self.rounds[index] = [[given], []] if is_open else [[given]]
        self._skip_answered()

    def undo(self) -> bool:
        """Take back the last answer; False when there was no answer."""
        for index in range(min(self.at, len(self.sections) - 1), -1, -1):
            rounds = self.rounds[index]
            if not rounds[-1] and len(rounds) > 1:
                rounds.pop()
            if rounds[-1]:
                rounds[-1].pop()
                self.at = index
                return True
        return False

    def forget(self, field: str, unit: str = "") -> bool:
        """Take back a refused value, so that its field is asked now; False when the form has no such field.

        Of several units the one named is taken back; the others stay.
        """
        for index, section in enumerate(self.sections):
            if not any(prompt.field == field for prompt in section.prompts) and section.field != field:
                continue
            kept = [
                answers
                for answers in self.rounds[index]
                if section.many and unit and answers and not any(one and one.key == unit for one in answers)
            ]
            self.rounds[index] = [*kept, []]
            self.at = index
            return True
        return False

    def preceded_by(self, sections: tuple[Section, ...]) -> Form:
        """The same answers behind more questions, which are asked first."""
        rounds: list[list[list[FieldAnswer | None]]] = [[[]] for _ in sections]
        return Form(self.request, sections + self.sections, self.fixed, rounds + self.rounds)

    def followed_by(self, sections: tuple[Section, ...]) -> Form:
        """The same answers, and after the question asked now these; what another answer to it asked goes."""
        end = self.at + 1
        after = next(
            (index for index in range(end, len(self.sections)) if not self.sections[index].follows),
            len(self.sections),
        )
        asked = tuple(replace(section, follows=True) for section in sections)
        rounds: list[list[list[FieldAnswer | None]]] = [[[]] for _ in sections]
        return Form(
            self.request,
            (*self.sections[:end], *asked, *self.sections[after:]),
            self.fixed,
            [*self.rounds[:end], *rounds, *self.rounds[after:]],
            self.at,
        )

    def asking_last(self, sections: tuple[Section, ...]) -> Form:
        """The same answers, and these questions after all others."""
        rounds: list[list[list[FieldAnswer | None]]] = [[[]] for _ in sections]
        return Form(self.request, self.sections + sections, self.fixed, self.rounds + rounds, self.at)

    def asking_first(self, field: str) -> Form:
        """The same answers, with the question of a later field asked now."""
        later = next(
            (
                index
                for index in range(self.at + 1, len(self.sections))
                if self.sections[index].prompts[0].field == field
            ),
            None,
        )
        if later is None:
            return self
        order = [*range(self.at), later, *(one for one in range(self.at, len(self.sections)) if one != later)]
        return Form(
            self.request,
            tuple(self.sections[index] for index in order),
            self.fixed,
            [self.rounds[index] for index in order],
            self.at,
        )

    def with_optional(self, field: str, *, optional: bool = True) -> Form:
        """The same form, with a later question that may be left out, or may not."""
        sections = tuple(
            replace(
                section,
                optional=optional,
                prompts=tuple(replace(prompt, optional=optional) for prompt in section.prompts),
            )
            if index > self.at and section.prompts[0].field == field
            else section
            for index, section in enumerate(self.sections)
        )
        return Form(self.request, sections, self.fixed, self.rounds, self.at)

    def answers_to(self, field: str) -> tuple[Json, ...]:
        """Everything that was given to a field so far, section by section and round by round."""
        return tuple(
            given.value
            for section, rounds in zip(self.sections, self.rounds, strict=True)
            for answers in rounds
            for prompt, given in zip(section.prompts, answers, strict=False)
            if given is not None and prompt.field == field
        )

    def asks_later(self, command: str) -> bool:
        """Whether a command code answers a later question than the one asked now."""
        return any(
            choice.command == command
            for section in self.sections[self.at + 1 :]
            for prompt in section.prompts
            for choice in prompt.choices
        )

    def keys_of(self, field: str) -> tuple[str, ...]:
        """What tells apart everything that was given to a field so far."""
        return tuple(
            given.key
            for section, rounds in zip(self.sections, self.rounds, strict=True)
            for answers in rounds
            for prompt, given in zip(section.prompts, answers, strict=False)
            if given is not None and prompt.field == field and given.key
        )

    @property
    def doubtful(self) -> frozenset[str]:
        """The fields whose value stands although a rule is against it."""
        return frozenset(
            prompt.field
            for section, rounds in zip(self.sections, self.rounds, strict=True)
            for answers in rounds
            for prompt, given in zip(section.prompts, answers, strict=False)
            if given is not None and given.is_doubtful
        )

    def becoming(self, request: str, *, without: str) -> Form:
        """The same answers and questions as another request that does not ask one of the fields."""
        kept = [i for i, one in enumerate(self.sections) if one.prompts[0].field != without]
        return Form(
            request,
            tuple(self.sections[index] for index in kept),
            self.fixed,
            [self.rounds[index] for index in kept],
            sum(index < self.at for index in kept),
        )

    def keeping(self, fields: Container[str], request: str) -> Form:
        """What was answered to these fields, as the beginning of another request."""
        kept = [
            index
            for index, section in enumerate(self.sections)
            if section.prompts[0].field in fields and any(any(one) for one in self.rounds[index])
        ]
        return Form(
            request,
            tuple(self.sections[index] for index in kept),
            rounds=[[one for one in self.rounds[index] if one] for index in kept],
            at=len(kept),
        )

    def clear(self) -> None:
        """Forget every answer."""
        self.rounds = [[[]] for _ in self.sections]
        self.at = 0

    def rows(self) -> Iterator[FormRow]:
        """Every prompt with what was given to it, in order."""
        for index, section in enumerate(self.sections):
            is_now = index == self.at
            shown = [answers for answers in self.rounds[index] if answers] or [[]]
            for number, answers in enumerate(shown):
                for place, prompt in enumerate(section.prompts):
                    if place < len(answers):
                        yield FormRow(prompt, answers[place], is_current=False)
                    elif number == len(shown) - 1 and (answers or not self._has_rounds(index)):
                        yield FormRow(
                            prompt, None, is_current=is_now and place == len(self.rounds[index][-1])
                        )
            if is_now and self._has_rounds(index) and not self.rounds[index][-1]:
                words = _ANOTHER if section.rounds is None else _THE_OTHER
                yield FormRow(replace(section.prompts[0], expected=words), None, is_current=True)

    def fold(self) -> dict[str, Json]:
        """The fields of the request."""
        data: dict[str, Any] = {}
        for name, value in self.fixed.items():
            _put(data, name, value)
        for section, rounds in zip(self.sections, self.rounds, strict=True):
            _fold_section(data, section, [answers for answers in rounds if any(answers)])
        return data

    def _add(self, section: Section, given: FieldAnswer | None) -> None:
        answers = self.rounds[self.at][-1]
        answers.append(given)
        while len(answers) < len(section.prompts) and _is_needless(section, answers):
            answers.append(None)
        if len(answers) == len(section.prompts):
            if section.many and len(self.rounds[self.at]) != section.rounds:
                self.rounds[self.at].append([])
            else:
                self.at += 1
        self._skip_answered()

    def _skip_answered(self) -> None:
        """Go on to the next section that still asks something."""
        while self.at < len(self.sections):
            section, rounds = self.sections[self.at], self.rounds[self.at]
            if len(rounds[-1]) < len(section.prompts):
                return
            self.at += 1

    def _has_rounds(self, index: int) -> bool:
        return self.sections[index].many and any(self.rounds[index])

    def _may_end(self, index: int) -> bool:
        section, answers = self.sections[index], self.rounds[index][-1]
        if section.rounds is not None and not section.optional:
            return False
        if not answers:
            return section.optional or self._has_rounds(index) or section.prompts[0].optional
        return all(prompt.optional for prompt in section.prompts[len(answers) :])


def _is_needless(section: Section, answers: list[FieldAnswer | None]) -> bool:
    """Whether an answer of this round makes the next question of it needless."""
    unless = section.prompts[len(answers)].unless
    return unless is not None and any(
        given is not None and (prompt.field, given.value) == unless
        for prompt, given in zip(section.prompts, answers, strict=False)
    )


def _fold_section(data: dict[str, Any], section: Section, rounds: list[list[FieldAnswer | None]]) -> None:
    if not section.many:
        for answers in rounds:
            for prompt, given in zip(section.prompts, answers, strict=False):
                if given is not None:
                    _put(data, prompt.field, given.value)
        return
    if section.field is None:
        field = section.prompts[0].field
        values = [answers[0].value for answers in rounds if answers[0] is not None]
        values = [*data.get(field, ()), *(value for value in values if value is not None)]
        if values:
            _put(data, field, values)
        return
    items = [*data.get(section.field, ())]
    for answers in rounds:
        item: dict[str, Any] = dict(section.joined)
        for prompt, given in zip(section.prompts, answers, strict=False):
            if given is not None:
                _put(item, prompt.field, given.value)
        items.append(item)
    if items:
        _put(data, section.field, items)


def _put(data: dict[str, Any], path: str, value: Json) -> None:
    """Set a value at a dotted path; an answer about an answer joins it, one without a path is dropped."""
    if not path:
        return
    *parents, last = path.split(".")
    for parent in parents:
        data = data.setdefault(parent, {})
    before = data.get(last)
    if isinstance(value, Mapping):
        value = {**(before if isinstance(before, dict) else {}), **value}
    data[last] = value
