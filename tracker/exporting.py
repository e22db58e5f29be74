"""Everything that leaves the store as a file: trails in their forms, and bundles of evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from labels.papers.tables import TablesPaper
from schema.entry import REGISTRY
from schema.errors import CartrailError, InputError, IntegrityFailure
from schema.papercodes import HeadCode
from schema.vocabulary import EntryMode, Role
from tracker.acts.deciding import Origin
from tracker.bundle.export import BundleWish, BundleWritten, export_again, export_bundle
from tracker.concerns import Concern
from tracker.evidence.verification.chosen import findings_in
from tracker.evidence.verification.verdict import Finding
from tracker.exports.disclosure import Disclosure
from tracker.exports.forms import FOR_PROGRAMS, SHOWING_A_HEAD, TrailFile, TrailFormat
from tracker.exports.measures import write_measures
from tracker.exports.meeting import write_tables
from tracker.exports.quality import write_quality
from tracker.exports.readings import write_readings
from tracker.exports.report.certificate import write_certificate
from tracker.exports.report.rights import rights_report
from tracker.exports.rights import RightsList, WholeDay, ending_within, rights_on
from tracker.exports.selection import EVERYTHING, EventSelection
from tracker.exports.trails import Trails, chains_of, nobody_watches, of_marked, of_shipment
from tracker.exports.uris import Uris, uris_in
from tracker.open_store import OpenStore
from tracker.people.signer import Signer
from tracker.registry.network.exports import EXPORTERS
from tracker.registry.network.requests import ExportTrail, ListPeople
from tracker.rules.authority import grant_violation
from tracker.rules.decision import Violation
from tracker.rules.quality_figures import QualityReport
from tracker.rules.registry_state import Grant
from tracker.views.as_of import known_registry
from tracker.views.logger_readings import series_of
from tracker.views.measures import MEASURE_READERS, MeasureReport
from tracker.views.models import AsOf


class Exports:
    """Exports of one open store."""

    def __init__(self, opened: OpenStore) -> None:
        self._opened = opened

    def chains(self, codes: Iterable[str] = ()) -> tuple[str, ...]:
        """The chains that codes of therapies or `registry` stand for; without codes all therapies."""
        return chains_of(self._opened, codes)

    def trails(
        self,
        chains: Sequence[str],
        selection: EventSelection = EVERYTHING,
        *,
        as_of: AsOf | None = None,
        shipment: str | None = None,
        marked: tuple[Concern, ...] = (),
    ) -> Trails:
        """The trails of these chains, cut to a shipment or box, and to marked events, where that is asked."""
        trails = Trails(self._opened, chains, selection, as_of, head=self._opened.log.head())
        if shipment is not None:
            trails = of_shipment(trails, shipment)
        return of_marked(trails, marked) if marked else trails

    def doubts(self, chains: Sequence[str]) -> tuple[Finding, ...]:
        """What cannot be in a sound record, in these chains and in the registry."""
        return findings_in(self._opened.store.url, chains)

    def tables(self, paper: TablesPaper, out: Path) -> None:
        """Write tables for a meeting as .pdf or .xlsx, whole or not at all; raises InputError else."""
        write_tables(paper, out)

    def readings(self, *, coi: str, event_id: str, out: Path) -> None:
        """Write what a logger's file has as .csv or .pdf; raises InputError where it is not kept any more."""
        opened = self._opened
        found = opened.read.therapy_readings(coi=coi)
        one = next((one for one in found.files if one.event_id == event_id), None) if found else None
        with opened.store.read() as transaction:
            content = None if one is None else transaction.condition_file(coi, one.sha256 or "")
        if found is None or one is None or content is None:
            raise InputError(
                "The logger's file is not kept any more: it was erased with the patient's data.",
                remedy="What was found when it was read stays in the trail.",
                code="file_erased",
            )
        write_readings(found, one, series_of(content, one.said), opened.registry, out)

    def certificate(self, *, coi: str, out: Path) -> str:
        """Write the certificate of the release that stands as .pdf; gives its receipt code.

        Raises InputError where nothing was released.
        """
        opened = self._opened
        known = opened.read.therapy(coi=coi)
        if known is None or known[1] is None:
            raise InputError(f"There is no therapy {coi[:40]} in this store.", remedy="Scan its card.")
        found = [one.entry for one in opened.read.trail(coi=known[0].coi).entries]
        return write_certificate(found, known[0], known[1], opened.registry, out)

    def measures(self, report: MeasureReport, out: Path, *, is_of_values: bool = False) -> None:
        """Write measures as .csv, .json or .xlsx, whole or not at all; raises InputError else."""
        write_measures(report, out, is_of_values=is_of_values)

    def quality(self, report: QualityReport, out: Path) -> None:
        """Write figures of quality as .csv, .json or .xlsx, whole or not at all; raises InputError else."""
        write_quality(report, out)

    def not_a_reader(self, staff: str) -> Violation | None:
        """Why a person reads nothing here; None for everybody who holds a role at any site."""
        return grant_violation(self._opened.registry, staff, frozenset(Role), None, self._opened.clock.now())

    def not_a_measurer(self, staff: str) -> Violation | None:
        """Why a person does not see measures; None for a coordinator, quality or an auditor of any site."""
        return grant_violation(self._opened.registry, staff, MEASURE_READERS, None, self._opened.clock.now())

    def not_entitled(self, staff: str) -> Violation | None:
        """Why a person may not choose more to be open; None when they may."""
        return grant_violation(self._opened.registry, staff, EXPORTERS, None, self._opened.clock.now())

    def note(
        self,
        *,
        staff: str,
        station: str,
        form: str,
        chains: Sequence[str],
        disclosure: Disclosure,
        signed_in: bool,
        head: HeadCode | None = None,
        event_id: str | None = None,
        failed: str | None = None,
    ) -> str | None:
        """Note a trail in the registry before its first byte is written; why that could not be, or None.

        Where a file could not be written after its note, `failed` is the event id of that note.

        A head that the file will show is noted as one on paper of these therapies: their bundles carry its
        checkpoint.

        The export goes on either way: a rule gates permission, and what has left is better noted than denied.
        """
        request = ExportTrail(
            event_id=event_id or self._opened.new_event_id(),
            actor=staff,
            station=station,
            form=form,
            chains=tuple(chains),
            identifiers=disclosure.identifiers,
            free_text=disclosure.free_text,
            staff_names=disclosure.names,
            signed_in=signed_in,
            failed=failed,
        )
        reason = self._noted(request)
        if head is not None and form in SHOWING_A_HEAD:
            try:
                self._opened.note_head(head, chains=[one for one in chains if one != REGISTRY])
            except CartrailError as error:
                reason = reason or f"{error.message} {error.remedy}"
        return reason

    def rights(self, one: WholeDay) -> RightsList:
        """Who held which right on a day; a day that is not over is shown until now."""
        opened = self._opened
        now = opened.clock.now()
        if one.begun > now:
            raise InputError(f"{one.day.isoformat()} has not come yet.", remedy="Name today or a day before.")
        ended = replace(one, until=min(one.until, now))
        with opened.store.read() as transaction:
            before = known_registry(transaction, AsOf(recorded_by=ended.begun))
            after = known_registry(transaction, AsOf(recorded_by=ended.until))
        return rights_on(ended, before, after)

    def rights_ending(self, span: timedelta) -> Sequence[Grant]:
        """The grants that end, or whose training ends, within a time from now, the first to end first."""
        return ending_within(self._opened.registry, self._opened.clock.now(), span)

    def rights_paper(self, found: RightsList, asked_by: str) -> bytes:
        """The list of rights as a PDF."""
        return rights_report(found, self._opened.registry, asked_by, self._opened.clock.now())

    def note_people(self, *, staff: str, station: str, form: str, count: int, signed_in: bool) -> str | None:
        """Note that people and their roles were read, before the first is shown; why not, or None."""
        request = ListPeople(
            event_id=self._opened.new_event_id(),
            actor=staff,
            station=station,
            form=form,
            count=count,
            signed_in=signed_in,
        )
        return self._noted(request)

    def _noted(self, request: ExportTrail | ListPeople) -> str | None:
        try:
            answer = self._opened.record(request=request, origin=Origin(by_program=True))
        except CartrailError as error:
            return f"{error.message} {error.remedy}"
        problem = answer.problem
        return None if problem is None else f"{problem.message} {problem.remedy}"

    def write(
        self,
        form: TrailFormat,
        trails: Trails,
        disclosure: Disclosure,
        file: BinaryIO,
        *,
        begin: Callable[[], None],
        asked_by: str,
        config: Path | None = None,
    ) -> None:
        """Write trails in a form; `config` is the folder with the settings of EPCIS addresses.

        Raises IntegrityFailure for a form that programs read, where the record cannot be trusted, before it
        calls `begin` and writes the first byte.
        """
        self._require_sound(form, trails)
        begin()
        self._file(trails, disclosure, asked_by, config).write(form, file)

    def save(
        self,
        form: TrailFormat,
        trails: Trails,
        disclosure: Disclosure,
        path: Path,
        *,
        begin: Callable[[], None],
        asked_by: str,
        config: Path | None = None,
    ) -> tuple[Path, ...]:
        """Write trails to a file, or a long report to a folder of volumes (`TrailFile.save`).

        Raises IntegrityFailure as `write` does.
        """
        self._require_sound(form, trails)
        return self._file(trails, disclosure, asked_by, config).save(form, path, begin)

    def _require_sound(self, form: TrailFormat, trails: Trails) -> None:
        doubts = self.doubts(trails.chains) if form in FOR_PROGRAMS else ()
        if doubts:
            raise IntegrityFailure(
                f"The record cannot be trusted, and no {form.value} file is made of it: {doubts[0]}.",
                remedy="Run `cartrail verify` and keep the store as it is. The report (pdf) shows what is "
                "there, marked, and json has the entries as they lie.",
            )

    def _file(self, trails: Trails, disclosure: Disclosure, asked_by: str, config: Path | None) -> TrailFile:
        folder = config or self._opened.config
        uris = Uris() if folder is None else uris_in(folder)
        return TrailFile(trails, disclosure, asked_by, uris)

    def bundle(
        self,
        wish: BundleWish,
        *,
        config: Path,
        out: Path,
        signers: Sequence[Signer],
        mode: EntryMode | None = None,
        watch: Callable[[int], None] = nobody_watches,
    ) -> BundleWritten:
        """Record an export and write its bundle; raises StoreError unless this is the hub.

        Of a record that cannot be trusted it holds the evidence as it lies, and nothing made for reading.
        """
        doubts = self.doubts(wish.chains or self.chains())
        wish = replace(wish, uris=uris_in(config), reading=wish.reading and not doubts)
        written = export_bundle(
            self._opened, wish, config=config, out=out, signers=signers, mode=mode, watch=watch
        )
        return replace(written, doubts=doubts)

    def bundle_again(
        self, event_id: str, *, config: Path, out: Path, watch: Callable[[int], None] = nobody_watches
    ) -> BundleWritten:
        """The bundle of an export recorded before, with the same bytes but for what was erased since."""
        written = export_again(self._opened, event_id, config=config, out=out, watch=watch)
        return replace(written, doubts=self.doubts([one.chain for one in written.chains]))
