//! `gongkai ingest`.

use super::night::Night;
use super::print;
use crate::arguments::{EvidenceLevel, Ingest};
use crate::table::{Align, lines, thousands};
use crate::{Failure, Status};
use gongkai_input::{Fields, InputOptions};
use gongkai_model::CaptureStatus;
use gongkai_pipeline::{Events, Gate, IngestError, IngestOptions, Summary, ingest};
use gongkai_registry::Registry;
use gongkai_store::{Evidence, Store};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// Reads the inputs and publishes them.
pub(crate) fn run(registry: &Registry, options: &Ingest) -> Result<Status, Failure> {
    let fields = fields(&options.field)?;
    if let Some(base) = &options.base {
        Store::begin_with(registry, base, &options.store).map_err(super::check::failure)?;
    }
    let job = IngestOptions {
        inputs: options.inputs.clone(),
        caches: options.caches.clone(),
        store: options.store.clone(),
        input: InputOptions {
            max_bytes: options.max_size * 1024 * 1024,
            fields,
            follow_links: options.follow_links,
            ..InputOptions::default()
        },
        threads: options.threads.map(usize::from),
        memory: options.memory.map(|mib| mib * 1024 * 1024),
        evidence: match options.evidence {
            EvidenceLevel::NotPlain => Evidence::NotPlain,
            EvidenceLevel::All => Evidence::All,
        },
        prune: options.prune,
        build: None,
        gate: Gate::default(),
        stop: crate::signals::stop(),
    };
    let night = Night::new(&job.store, "ingest", options.quiet, options.log_format);
    carry_out(registry, &job, &night, options.quiet, |_| Ok(()))
}

/// Breaches that are printed; the record of the run has all.
const BREACHES: usize = 20;

/// Runs a job: progress, summary, what comes after it, record of the run, exit status.
pub(crate) fn carry_out(
    registry: &Registry,
    job: &IngestOptions,
    night: &Night,
    quiet: bool,
    after: impl FnOnce(Status) -> Result<(), Failure>,
) -> Result<Status, Failure> {
    night.carry_out(|slot| {
        // A document that panics ends as `failed` with its message; the default report on standard error says less.
        std::panic::set_hook(Box::new(|_| {}));
        let result = ingest(registry, job, night);
        let _ = std::panic::take_hook();
        night.progress.finish();
        let failure = |e: IngestError| if e.is_usage() { Failure::usage(e) } else { Failure::failed(e) };
        let summary = slot.insert(result.map_err(failure)?);
        let status = if summary.breached().next().is_some() { Status::Breached } else { Status::Done };
        for breach in summary.breaches.iter().take(BREACHES) {
            night.progress.breach(breach);
        }
        if let Some(more) = summary.breaches.len().checked_sub(BREACHES).filter(|more| *more > 0) {
            night
                .warning(&format!("{more} more expectations are breached; the record of the run lists them"));
        }
        for warning in &summary.published.warnings {
            night.warning(warning);
        }
        if !quiet {
            print(&text(registry, summary, &job.store));
        }
        after(status)?;
        Ok(status)
    })
}

/// What records call their parts, as told on the command line.
pub(crate) fn fields(named: &[String]) -> Result<Fields, Failure> {
    let mut fields = Fields::default();
    for text in named {
        let Some((field, name)) = text.split_once('=').filter(|(_, name)| !name.is_empty()) else {
            return Err(Failure::usage(format!("--field {text}: write FIELD=NAME, such as html=raw_page")));
        };
        fields.name(field, name).map_err(|known| {
            Failure::usage(format!("--field {text}: there is no field `{field}`; there are {known}"))
        })?;
    }
    Ok(fields)
}

/// The closing summary.
fn text(registry: &Registry, summary: &Summary, store: &Path) -> String {
    let mut text = String::new();
    captures(&mut text, summary);
    counts(&mut text, "Reports by form", &summary.tally().forms);
    counts(&mut text, "Reports by region", &summary.tally().regions);
    findings(&mut text, registry, summary);
    snapshot(&mut text, summary, store);
    text
}

fn captures(text: &mut String, summary: &Summary) {
    let _ = writeln!(text, "{} captures met, and where they went:", thousands(summary.met()));
    let mut rows = Vec::new();
    for status in CaptureStatus::ALL {
        let Some(count) = summary.tally().captures.get(&status) else { continue };
        let reasons = summary.tally().reasons.get(&status).into_iter().flatten();
        let reasons: Vec<String> = reasons.map(|(reason, n)| format!("{reason} {}", thousands(*n))).collect();
        rows.push(vec![thousands(*count), status.as_str().to_owned(), reasons.join(", ")]);
    }
    text.push_str(&lines(&rows, &[Align::Right, Align::Left, Align::Left], 2));
    reuse(text, summary);
    if summary.sidecars + summary.hidden > 0 {
        let _ = writeln!(
            text,
            "  (beside them {} sidecars, requests and other descriptions, {} hidden files or folders)",
            summary.sidecars, summary.hidden
        );
    }
}

/// How much of it was known.
fn reuse(text: &mut String, summary: &Summary) {
    let r = &summary.reuse;
    let known = r.by_stamp + r.by_content;
    let _ = writeln!(
        text,
        "  ({} known and unchanged, {} read)",
        thousands(known),
        thousands(r.read + r.read_again)
    );
    let mut tell = |n: u64, what: &str| {
        if n > 0 {
            let _ = writeln!(text, "  ({} {what})", thousands(n));
        }
    };
    tell(r.elsewhere, "read elsewhere, and taken over");
    tell(r.read_again, "of those read again: program, registry or surroundings changed");
    tell(r.absent, "not met this time; they stay in the data, `--prune` would drop them");
    tell(r.absent_read_again, "of those read again from the copy in the store");
    tell(r.absent_outdated, "of those left as another version read them: the store has no copy");
    tell(r.pruned, "dropped, because this run did not meet them");
}

/// Counts in one wrapped paragraph, largest first.
fn counts(text: &mut String, title: &str, counts: &BTreeMap<String, u64>) {
    /// Characters on a line.
    const WIDTH: usize = 100;
    let mut sorted: Vec<(&String, &u64)> = counts.iter().collect();
    sorted.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    let _ = write!(text, "\n{title}:");
    let mut width = WIDTH;
    for (name, count) in sorted {
        let item = format!("{name} {}", thousands(*count));
        if width + item.len() + 2 > WIDTH {
            text.push_str("\n  ");
            width = 2;
        } else {
            text.push_str("  ");
        }
        width += item.len() + 2;
        text.push_str(&item);
    }
    text.push('\n');
}

fn findings(text: &mut String, registry: &Registry, summary: &Summary) {
    let (expected, read) = (summary.tally().cells_expected, summary.tally().cells_read);
    let share = if expected == 0 { 0.0 } else { 100.0 * read as f64 / expected as f64 };
    let _ = writeln!(
        text,
        "\n{} of {} cells of the forms read as numbers ({share:.1} %); findings:",
        thousands(read),
        thousands(expected)
    );
    let rows: Vec<Vec<String>> = summary
        .tally()
        .findings
        .iter()
        .map(|(code, count)| {
            let rule = registry.rule(code);
            let severity = rule.map_or("", |r| r.severity.as_str());
            let about = rule.map_or("", |r| r.summary.as_str());
            vec![thousands(*count), (*code).to_owned(), severity.to_owned(), about.to_owned()]
        })
        .collect();
    text.push_str(&lines(&rows, &[Align::Right, Align::Left, Align::Left, Align::Left], 2));
    text.push_str("  (`gongkai explain CODE` says more)\n");
}

fn snapshot(text: &mut String, summary: &Summary, store: &Path) {
    let published = &summary.published;
    let what = if published.held {
        "NOT published, kept as a candidate to inspect or promote:"
    } else if published.unchanged {
        "unchanged: the published snapshot is still"
    } else {
        "published"
    };
    let seconds = summary.elapsed.as_secs_f64();
    let rate = summary.met() as f64
        / (summary.durations.planning + summary.durations.reading).as_secs_f64().max(f64::EPSILON);
    let megabytes = summary.tally().bytes as f64 / 1e6;
    let _ = writeln!(
        text,
        "\n{what} {} ({} files, {} of them unchanged, {:.1} MB) in {seconds:.1} s: {rate:.0} captures/s, {megabytes:.1} MB read",
        published.snapshot,
        published.files,
        published.files_linked,
        published.bytes as f64 / 1e6,
    );
    let _ = writeln!(
        text,
        "\nAsk it something:\n  duckdb -init {} -c \"{}\"",
        store.join("views.sql").display(),
        QUERY
    );
}

/// A query that works on any store, and counts nothing twice.
const QUERY: &str = "SELECT year, region, level, reports, received FROM key_figures_by_region ORDER BY ALL";
