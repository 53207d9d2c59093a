//! The command line. `docs/` and `--help` say the same because both come from here.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Turns crawled Chinese government open-information annual reports (政府信息公开工作年度报告) into audited,
/// partitioned Parquet.
#[derive(Debug, Parser)]
#[command(name = "gongkai", version, propagate_version = true, max_term_width = 100)]
#[command(
    after_help = "Exit status: 0 done; 1 done, but a check does not hold; 2 wrong usage or configuration; \
3 the run failed and nothing was published."
)]
pub(crate) struct Arguments {
    /// Registry folder to use instead of the one built in (forms, gazetteer, agency kinds, rule texts)
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Read folders and files of captures and publish them as a snapshot of a store
    #[command(after_help = "Examples:
  gongkai ingest crawl/ --store store
        every document below crawl/ ends as one row of `captures`
  gongkai ingest crawl.warc.gz pages.zip old.tar.zst --store store
        archives are read as they are; several inputs make one snapshot
  zstdcat pages.jsonl.zst | gongkai ingest - --store store
        standard input: JSON, a record file, a tar, plain or compressed
  gongkai ingest items.parquet --field html=raw_page --field url=link --store store
        pages in a table whose columns have other names
  gongkai ingest new/ --store store --base gongkai-2026.11.0
        a new store that begins with a release
  gongkai ingest --caches parts/ --store store
        what `gongkai worker read` read on other machines (docs/worker.md); other stores, too
  duckdb -init store/views.sql
        and then: SELECT count(*) FROM reports;")]
    Ingest(Ingest),
    /// Read on other machines: rows of Arrow in, rows of Arrow out
    #[command(subcommand)]
    Worker(Worker),
    /// Show one document as the parser sees it: who, when, where, tables, findings
    #[command(after_help = "Examples:
  gongkai inspect page.html                   for people
  gongkai inspect crawl.warc.gz#12            a document in an archive, named as in `captures`
  gongkai inspect page.html --json            for programs
  gongkai inspect page.html --html page-read.html
                                              one page: the tables as read, beside the source they were read from")]
    Inspect(Inspect),
    /// Lead from a number of a store back to its place in the source
    #[command(after_help = "Examples:
  gongkai trace store r0123456789abcdef new_received total --input crawl/
  gongkai trace store r0123456789abcdef disclosure_requests.total natural_person --input crawl/
  gongkai trace store r0123456789abcdef reconsideration upheld --json
  gongkai trace store r0123456789abcdef 予以公开 自然人

The document is looked for below each --input, at its path in `captures`.
It is shown only if it still has the content the store was made from.
Without it the answer is what the store has.")]
    Trace(Trace),
    /// Run a pipeline file: inputs, store, expectations, retention
    #[command(after_help = "Examples:
  gongkai run pipelines/nightly.toml             the nightly job; status 1 when an expectation is breached
  gongkai run pipelines/nightly.toml --dry-run   what it would meet, without reading or writing anything")]
    Run(Run),
    /// Verify a snapshot or a release: every hash, row count and account
    #[command(after_help = "Examples:
  gongkai check store                  the published snapshot; status 1 when something does not hold
  gongkai check gongkai-2026.11.0      a release: every file, nothing added, and its tables
  gongkai check store --repair         make good what is safe first: lost files that another snapshot has, pointers")]
    Check(Check),
    /// List the snapshots of a store
    #[command(after_help = "Examples:
  gongkai log store                    oldest first; * is the published one, ? a candidate that a gate refused")]
    Log(Log),
    /// Compare two snapshots: reports and cells added, changed, removed
    #[command(after_help = "Examples:
  gongkai diff store 000011-0123456789ab CURRENT
  gongkai diff store v2023 CURRENT --format json        one object a line
  gongkai diff store v2023 CURRENT --format parquet -o changes.parquet")]
    Diff(Diff),
    /// Show the quality of a snapshot as one page: coverage, captures, findings, fill rates, requests, changes
    #[command(after_help = "Examples:
  gongkai report store -o report.html                 the published snapshot; open the file in any browser, offline
  gongkai report store -o v2023.html --snapshot v2023 another one: its name, or a tag
  gongkai report store -o - > report.html             to standard output

Figures, reports behind them and charts are all in the one file. Every chart tells the query that gives
its rows (docs/quality-page.md).")]
    Report(Report),
    /// Drop snapshots that nobody needs any more
    #[command(after_help = "Examples:
  gongkai gc store --keep 7 --days 30 --dry-run

Never dropped: the published snapshot, snapshots with a tag, the newest --keep, those that were the
published one less than --days ago, and those of which a program of this machine has a file open.")]
    Gc(Gc),
    /// Name a snapshot for good: it is never dropped
    #[command(after_help = "Examples:
  gongkai tag store v2023              the published snapshot
  gongkai tag store v2022 000007-0123456789ab")]
    Tag(Tag),
    /// Publish a candidate that a gate refused
    #[command(after_help = "Examples:
  gongkai log store                    candidates are marked with ?
  gongkai diff store CURRENT 000012-0123456789ab
  gongkai promote store 000012-0123456789ab")]
    Promote(Promote),
    /// Make a dataset release of a snapshot: a folder to deposit, cite and verify
    #[command(after_help = "Examples:
  gongkai release store --version 2026.11.0 -o gongkai-2026.11.0
        tables in folders by year and region; gongkai check gongkai-2026.11.0 verifies it
  gongkai release store --version 2026.11.0 -o hub --flat
        one Parquet file a table, for the Hugging Face hub
  gongkai release store --version 2026.11.0 -o deposit --archive
        one archive a table: Zenodo and GitHub know no folders
  gongkai release store --version 2026.12.0 --previous gongkai-2026.11.0 -o gongkai-2026.12.0
        with every cell that changed since
  gongkai release store --version 2026.12.0 --mask-contacts --about about.toml -o public
        contacts in running text masked; title, authors and licence of your own

It is refused while the snapshot does not meet the expectations of a release (--gates), unless
--in-spite-of-breaches is given; the card then says so. docs/releases.md tells more.")]
    Release(Release),
    /// Write tables as files of desk programs: CSV, an Excel workbook, Stata
    #[command(after_help = "Examples:
  gongkai export store --format csv -o desk
        desk/key_figures.csv and desk/report_wide.csv; Excel opens them on a double click, Chinese and all
  gongkai export store --format xlsx -o desk
        one workbook, desk/gongkai.xlsx, with a codebook of its columns and codes
  gongkai export store --format dta -o desk key_figures narratives
        Stata 14 and later, with labels of variables and values; any table by name
  gongkai export gongkai-2026.11.0 --format csv,xlsx,dta -o desk
        of a release with its tables in folders

What differs between the formats, and what each cannot hold: docs/desk.md.")]
    Export(Export),
    /// Open DuckDB with the views of a store, or ask it one query
    #[command(after_help = "Examples:
  gongkai sql store                    an interactive session
  gongkai sql store 'FROM key_figures_by_region WHERE year = 2023'

It needs DuckDB: pip install duckdb-cli, or https://duckdb.org/install.")]
    Sql(Sql),
    /// Print the tables and columns
    #[command(after_help = "Examples:
  gongkai schema                       the data dictionary, Markdown
  gongkai schema --format sql          the DuckDB views, relative to a snapshot folder")]
    Schema(Schema),
    /// List the codes of findings
    Rules,
    /// Explain a finding: what it means, why it matters, an example
    #[command(after_help = "Examples:
  gongkai explain GK401")]
    Explain {
        /// Code of the finding, such as GK401
        code: String,
    },
}

impl Command {
    /// How the command is to log.
    pub(crate) fn log_format(&self) -> LogFormat {
        match self {
            Self::Ingest(options) => options.log_format,
            Self::Run(options) => options.log_format,
            Self::Release(options) => options.log_format,
            _ => LogFormat::Text,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Worker {
    /// List the files that inputs hold: one row a file, what sidecars and folders tell of it, and where it is
    #[command(after_help = "Examples:
  gongkai worker plan crawl/ > files.arrow
        every document and every container below crawl/
  gongkai worker plan crawl/ --part 3/40 | gongkai worker read > parts/3.arrow
        the third of forty jobs of an array; then, on one machine:
  gongkai ingest --caches parts/ --store store
        the same bytes as gongkai ingest crawl/ --store store

The columns are in docs/worker.md.")]
    Plan(WorkerPlan),
    /// Read files: an Arrow stream of files on standard input, one of captures as read on standard output
    #[command(after_help = "Examples:
  gongkai worker read < files.arrow > parts/1.arrow
        files of a plan, opened where they are
  gongkai worker read --helpers 8 < captures.arrow > parts/1.arrow
        or documents that come with the rows, in a column `body`

A document that brings the program to an end, or keeps it busy for longer than --patience, is a capture that failed, and no
other is lost by it. The columns are in docs/worker.md.")]
    Read(WorkerRead),
    /// What `worker read` starts: reads one document after another
    #[command(hide = true)]
    Helper,
}

#[derive(Debug, Args)]
pub(crate) struct WorkerPlan {
    /// Folders, files and archives of captures
    #[arg(required = true, value_name = "INPUT")]
    pub inputs: Vec<PathBuf>,
    /// Every Nth file only, beginning with the Ith: what one of N jobs reads
    #[arg(long, value_name = "I/N")]
    pub part: Option<String>,
    /// Follow symbolic links out of the inputs too; otherwise only those that stay within their input
    #[arg(long)]
    pub follow_links: bool,
}

#[derive(Debug, Args)]
pub(crate) struct WorkerRead {
    /// Documents read side by side, each by a process of its own
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=i64::from(gongkai_pipeline::MOST_THREADS)))]
    pub helpers: u16,
    /// Leave out the documents themselves: the rows are smaller, and a later version cannot read from the store what is gone
    #[arg(long)]
    pub no_sources: bool,
    /// Largest document read, in MiB; larger ones end as `unreadable`
    #[arg(long, value_name = "MIB", default_value_t = 32, value_parser = clap::value_parser!(u64).range(1..=1024))]
    pub max_size: u64,
    /// Name of a column or key in JSON, Parquet and Arrow files that holds FIELD, as for `ingest`
    #[arg(long, value_name = "FIELD=NAME")]
    pub field: Vec<String>,
    /// Seconds that one document is waited for
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..))]
    pub patience: u64,
}

#[derive(Debug, Args)]
pub(crate) struct Ingest {
    /// Folders, files and archives of captures, `-` for standard input: pages and texts, WARC, WACZ, JSON lines, Parquet,
    /// Arrow, zip, tar, any of them also as .gz or .zst (docs/inputs.md)
    #[arg(required_unless_present = "caches", value_name = "INPUT")]
    pub inputs: Vec<PathBuf>,
    /// What was read elsewhere, and is met as if it were read here: files of `gongkai worker read`, folders of such files (*.arrow),
    /// other stores. Inputs stand before it
    #[arg(long, value_name = "CACHE", num_args = 1..)]
    pub caches: Vec<PathBuf>,
    /// Folder of the store; made when it does not exist
    #[arg(long, value_name = "STORE")]
    pub store: PathBuf,
    /// Begin the new store with the snapshot of this release
    #[arg(long, value_name = "RELEASE")]
    pub base: Option<PathBuf>,
    /// Threads to use [default: one a core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=i64::from(gongkai_pipeline::MOST_THREADS)))]
    pub threads: Option<u16>,
    /// Memory that what is done side by side may take, in MiB; what is known of every input (1 KB each) comes on top [default:
    /// no bound but the threads]
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(64..))]
    pub memory: Option<u64>,
    /// Which cells get a row of evidence in `cells`
    #[arg(long, value_enum, default_value_t = EvidenceLevel::NotPlain)]
    pub evidence: EvidenceLevel,
    /// Drop what these inputs no longer hold; otherwise everything the store ever met stays in the data
    #[arg(long)]
    pub prune: bool,
    /// Largest document read, in MiB; larger ones end as `unreadable`
    #[arg(long, value_name = "MIB", default_value_t = 32, value_parser = clap::value_parser!(u64).range(1..=4096))]
    pub max_size: u64,
    /// Follow symbolic links out of the inputs too; otherwise only those that stay within their input
    #[arg(long)]
    pub follow_links: bool,
    /// Name of a column or key in JSON, Parquet and Arrow inputs that holds FIELD: html, text, content, body, url, title,
    /// fetched_at or content_type; may be given several times, besides the usual names
    #[arg(long, value_name = "FIELD=NAME")]
    pub field: Vec<String>,
    /// Print nothing but errors and warnings
    #[arg(long, short)]
    pub quiet: bool,
    /// How progress is logged on standard error
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum EvidenceLevel {
    /// Cells that are not a plain number
    NotPlain,
    /// Every cell of the tables found
    All,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// A bar on a terminal, plain lines otherwise
    Text,
    /// One JSON object a line
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct Inspect {
    /// The document; one in an archive is named as in `captures`: crawl.warc.gz#12, crawl.zip/a/page.html
    pub file: PathBuf,
    /// Print JSON instead of text
    #[arg(long)]
    pub json: bool,
    /// Write a page to this file instead: one HTML file that needs no other; `-` is standard output
    #[arg(long, value_name = "OUT", conflicts_with = "json")]
    pub html: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Trace {
    /// The store
    pub store: PathBuf,
    /// Id of the report, column `report_id`
    pub report_id: String,
    /// Item (or channel) of the statutory table: its code, `TABLE.ITEM`, or a label of the form
    pub item: String,
    /// Column of the statutory table: its code or a label of the form
    pub column: String,
    /// Folder or file that was read into the store; may be given several times [default: the current folder]
    #[arg(long, value_name = "ROOT")]
    pub input: Vec<PathBuf>,
    /// Print JSON instead of text
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Release {
    /// The store
    pub store: PathBuf,
    /// Version of the release, such as 2026.11.0
    #[arg(long, value_name = "VERSION")]
    pub version: String,
    /// Folder to make; it must not exist, or be empty
    #[arg(long, short, value_name = "DIR")]
    pub output: PathBuf,
    /// The snapshot: its name or a tag [default: the published one]
    #[arg(long, value_name = "NAME")]
    pub snapshot: Option<String>,
    /// The release before, for what changed: its folder, or a tag or snapshot of the store
    #[arg(long, value_name = "DIR|TAG")]
    pub previous: Option<String>,
    /// Date of the release, YYYY-MM-DD [default: the latest date in the data]
    #[arg(long, value_name = "DATE")]
    pub date: Option<String>,
    /// One Parquet file a table, no folders
    #[arg(long, conflicts_with = "archive")]
    pub flat: bool,
    /// One .tar.zst a table, no folders
    #[arg(long)]
    pub archive: bool,
    /// Mask phone numbers, e-mail addresses and names of officials in running text
    #[arg(long, conflicts_with = "sources")]
    pub mask_contacts: bool,
    /// Add the captured documents and what was read of them, so that others can go on without the crawl
    #[arg(long, conflicts_with = "flat")]
    pub sources: bool,
    /// Title, authors, licence and limits for the card: a file like data/release/dataset.toml
    #[arg(long, value_name = "FILE")]
    pub about: Option<PathBuf>,
    /// Pipeline file whose expectations the snapshot must meet [default: the built-in pipelines/release.toml]
    #[arg(long, value_name = "FILE")]
    pub gates: Option<PathBuf>,
    /// Release although expectations are breached; the card says which
    #[arg(long)]
    pub in_spite_of_breaches: bool,
    /// Print nothing but errors and warnings
    #[arg(long, short)]
    pub quiet: bool,
    /// How progress is logged on standard error
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The store, or the folder of a release
    pub store: PathBuf,
    /// Snapshot to verify [default: the published one]
    #[arg(long, value_name = "NAME")]
    pub snapshot: Option<String>,
    /// Make good what is safe before checking
    #[arg(long)]
    pub repair: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    /// The pipeline file
    pub file: PathBuf,
    /// Say what would be met; read no document, write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Begin anew, though this pipeline has published before and its store is empty now
    #[arg(long)]
    pub first: bool,
    /// Print nothing but errors and warnings
    #[arg(long, short)]
    pub quiet: bool,
    /// How progress is logged on standard error
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
}

#[derive(Debug, Args)]
pub(crate) struct Log {
    /// The store
    pub store: PathBuf,
    /// Print JSON instead of text
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// The store
    pub store: PathBuf,
    /// Older snapshot: its name, a tag, or CURRENT
    pub old: String,
    /// Newer snapshot, or a candidate
    pub new: String,
    /// What to print
    #[arg(long, value_enum, default_value_t = DiffFormat::Table)]
    pub format: DiffFormat,
    /// Write to this file [default: standard output]
    #[arg(long, short)]
    pub output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Report {
    /// The store
    pub store: PathBuf,
    /// Write the page to this file; `-` is standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: PathBuf,
    /// Snapshot to show: its name, or a tag [default: the published one]
    #[arg(long, value_name = "NAME")]
    pub snapshot: Option<String>,
    /// Print nothing but errors and warnings
    #[arg(long, short)]
    pub quiet: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    /// For people
    Table,
    /// One JSON object a line
    Json,
    /// A Parquet file
    Parquet,
}

#[derive(Debug, Args)]
pub(crate) struct Gc {
    /// The store
    pub store: PathBuf,
    /// Keep so many of the newest
    #[arg(long, default_value_t = 7)]
    pub keep: usize,
    /// Keep those that were the published one less than so many days ago
    #[arg(long, default_value_t = 30)]
    pub days: u64,
    /// Only say what would be dropped
    #[arg(long)]
    pub dry_run: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Tag {
    /// The store
    pub store: PathBuf,
    /// The tag: letters, digits, `.`, `-`, `_`
    pub tag: String,
    /// The snapshot [default: the published one]
    pub snapshot: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Promote {
    /// The store
    pub store: PathBuf,
    /// The candidate
    pub candidate: String,
}

#[derive(Debug, Args)]
pub(crate) struct Export {
    /// The store, or the folder of a release
    pub store: PathBuf,
    /// Tables to write [default: key_figures report_wide]
    #[arg(value_name = "TABLE")]
    pub tables: Vec<String>,
    /// Format of the files; several with commas between
    #[arg(long, value_enum, required = true, value_delimiter = ',')]
    pub format: Vec<ExportFormat>,
    /// Folder to write them to; files of the same names there are replaced
    #[arg(long, short, value_name = "DIR")]
    pub output: PathBuf,
    /// The snapshot: its name or a tag [default: the published one]
    #[arg(long, value_name = "NAME")]
    pub snapshot: Option<String>,
    /// Print nothing but errors and warnings
    #[arg(long, short)]
    pub quiet: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// UTF-8 with a byte order mark: opens in spreadsheets
    Csv,
    /// One Excel workbook
    Xlsx,
    /// Stata
    Dta,
}

#[derive(Debug, Args)]
pub(crate) struct Sql {
    /// The store
    pub store: PathBuf,
    /// What to ask; without, a session begins
    pub query: Option<String>,
    /// The program of DuckDB
    #[arg(long, default_value = "duckdb")]
    pub program: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Schema {
    /// What to print
    #[arg(long, value_enum, default_value_t = SchemaFormat::Md)]
    pub format: SchemaFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaFormat {
    /// The data dictionary as Markdown
    Md,
    /// The data dictionary as JSON
    Json,
    /// DuckDB views
    Sql,
}
