"""The tables that gongkai makes of open-information annual reports, and its reader, from Python.

`connect` opens a store or a release in DuckDB, `scan` one of its tables in Polars, and `read` shows one document as the parser
sees it. The program itself, `gongkai`, comes with this package; it does the reading, and this module only asks it. DuckDB and Polars
are extras: `gongkai[duckdb]`, `gongkai[polars]`, `gongkai[all]`.
"""

from ._binary import binary
from ._document import Cell, Document, Finding, Section, Source, read
from ._tables import connect, scan

__all__ = ["Cell", "Document", "Finding", "Section", "Source", "binary", "connect", "read", "scan"]
