"""One document as the parser sees it."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from ._binary import binary


@dataclass(frozen=True)
class Source:
    """Where a cell was printed: which table of the document, which row and column of it, counted from 0."""

    table: int
    row: int
    column: int


@dataclass(frozen=True)
class Cell:
    """A cell of a statutory table."""

    table: str
    item: str
    column: str
    #: How it is printed: `number`, `blank`, `dash`, `unreadable` and so on.
    status: str
    #: The number, as printed; None where none certainly is.
    value: Decimal | None
    #: The text found.
    raw: str
    source: Source | None


@dataclass(frozen=True)
class Finding:
    """Something that does not hold; `gongkai explain CODE` says what a code means."""

    code: str
    severity: str | None
    table: str | None
    item: str | None
    column: str | None
    raw: str | None
    #: What the form's arithmetic asks for.
    expected: str | None
    #: What the document says.
    actual: str | None
    message: str


@dataclass(frozen=True)
class Section:
    """A part of the report's text."""

    section: str
    heading: str
    text: str


@dataclass(frozen=True)
class Document:
    """One document as the parser sees it. What is not certain is None."""

    #: `report`, `not_a_report`, or why it could not be read (`unreadable`, ...).
    status: str
    #: Why it is no report.
    reason: str | None
    title: str | None
    year: int | None
    #: ISO 3166-2 code of the province-level unit, or `CN`.
    region: str | None
    agency_name: str | None
    agency_id: str | None
    report_id: str | None
    #: Edition of the form.
    form: str | None
    cells: tuple[Cell, ...]
    findings: tuple[Finding, ...]
    sections: tuple[Section, ...]
    #: All that `gongkai inspect --json` says, with the evidence behind each decision, figures of forms before 2019, and so on.
    details: Mapping[str, Any]

    def cell(self, table: str, item: str, column: str) -> Cell | None:
        """The cell of an item (or channel) and a column; None where the document has none."""
        return next((c for c in self.cells if (c.table, c.item, c.column) == (table, item, column)), None)


def read(document: bytes | str | os.PathLike[str], *, name: str = "document") -> Document:
    """Reads one document: a path, or its bytes.

    A page in an archive is named as in the table `captures`: `crawl.warc.gz#12`, `crawl.zip/a/page.html`. What stands beside a file
    (sidecars, names of folders) is taken into account as in a run, so bytes alone may leave place or year open that the file tells. Each call
    starts the program once, which takes longer than reading a page: for many documents use `gongkai ingest`.

    Args:
        document: the bytes, or where the file is.
        name: what the bytes are called; an ending such as `.html` helps where they do not show what they are.

    Raises:
        ValueError: there is no such file, or it holds more than one document, or a name that is a path.
        RuntimeError: the program failed.
    """
    if not isinstance(document, bytes):
        return _inspect(Path(document))
    if not name or name in (".", "..") or Path(name).name != name or "\0" in name:
        raise ValueError(f"{name!r} is no file name")
    with tempfile.TemporaryDirectory(prefix="gongkai-") as folder:
        path = Path(folder) / name
        path.write_bytes(document)
        return _inspect(path)


def _inspect(path: Path) -> Document:
    # Absolute, so that no name is taken for an option.
    done = subprocess.run([binary(), "inspect", "--json", path.absolute()], capture_output=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip() or f"gongkai ended with {done.returncode}"
        raise (ValueError if done.returncode == 2 else RuntimeError)(said)
    return _document(json.loads(done.stdout))


_Told = TypeVar("_Told", Cell, Finding, Section, Source)


def _document(told: dict[str, Any]) -> Document:
    return Document(
        status=told["status"],
        reason=told["reason"],
        title=told.get("title"),
        year=told.get("year"),
        region=told.get("region"),
        agency_name=told.get("agency_name"),
        agency_id=told.get("agency_id"),
        report_id=told.get("report_id"),
        form=told.get("form"),
        cells=tuple(_cell(cell) for cell in told.get("cells", ())),
        findings=tuple(_of(Finding, finding) for finding in told.get("findings", ())),
        sections=tuple(_of(Section, section) for section in told.get("sections", ())),
        details=told,
    )


def _cell(told: dict[str, Any]) -> Cell:
    value, source = told["value"], told["source"]
    return _of(Cell, told | {"value": None if value is None else Decimal(value), "source": source and _of(Source, source)})


def _of(kind: type[_Told], told: dict[str, Any]) -> _Told:
    return kind(**{field.name: told[field.name] for field in fields(kind)})
