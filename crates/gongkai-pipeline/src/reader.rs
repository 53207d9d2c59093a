//! One capture through all stages that look at one document.

use crate::watch::{PATIENCE, may_end_otherwise, watched};
use gongkai_audit::{audit_filing, audit_in_parts};
use gongkai_extract::{Hints, Limits, extract, simplify};
use gongkai_model::{
    Capture, CaptureStatus, Document, Finding, Meta, Parsed, Problem, Provenance, Resolution, Script, Ties,
    Verdict,
};
use gongkai_parse::Parser;
use gongkai_registry::Registry;
use gongkai_resolve::{Answers, Resolved, Resolver, Standing};
use serde::{Deserialize, Serialize};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Everything that is prepared once and used for every capture.
pub struct Reader<'r> {
    registry: &'r Registry,
    parser: Parser<'r>,
    resolver: Resolver<'r>,
    limits: Limits,
}

/// A document that was read, report or not.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Report {
    /// Script of the source.
    pub script: Script,
    /// What was read.
    pub parsed: Parsed,
    /// Who, where, when, and whether it is a report.
    pub resolution: Resolution,
    /// All findings of all stages.
    pub findings: Vec<Finding>,
    /// So many of them, the first ones, are about what is printed, whoever filed it and when.
    pub of_print: usize,
    /// Checks that the audit made, by code of the rule. Of a document just read: they are not kept between runs.
    #[serde(skip)]
    pub checks: Vec<(&'static str, u32)>,
    /// How it stands among the other documents of a run.
    pub standing: Standing,
}

/// What became of a capture before it meets the others.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Read {
    /// Name in the data.
    pub container: String,
    /// Size in bytes.
    pub bytes: u64,
    /// blake3 of the content, hexadecimal; `None` where it was not read.
    pub hash: Option<String>,
    /// Where it came from.
    pub provenance: Provenance,
    /// What ties it to other captures.
    pub ties: Ties,
    /// Media type, and the encoding where it is text.
    pub format: Option<(String, Option<String>)>,
    /// The document, or why there is none.
    pub outcome: Result<Box<Report>, Problem>,
}

impl<'r> Reader<'r> {
    /// Prepares label indexes, place automata and the converter.
    pub fn new(registry: &'r Registry) -> Self {
        Self {
            registry,
            parser: Parser::new(registry),
            resolver: Resolver::new(registry),
            limits: Limits::default(),
        }
    }

    /// Bytes to document.
    ///
    /// # Errors
    /// Why the bytes are no text document.
    pub fn document(&self, capture: &Capture) -> Result<Document, Problem> {
        let mut document = if gongkai_extract::is_read_by_libraries(&capture.bytes) {
            let (bytes, limits) = (capture.bytes.clone(), self.limits);
            watched(PATIENCE, move || extract(&bytes, &Hints::default(), &limits))??
        } else {
            let charset = capture.provenance.charset_hint.as_deref();
            extract(&capture.bytes, &Hints { charset, path: unnumbered(&capture.container) }, &self.limits)?
        };
        add_title(&mut document, capture);
        Ok(document)
    }

    /// Document to facts, place and year, and findings.
    pub fn report(&self, document: &Document, capture: &Capture, hash: &str) -> Report {
        let parsed = self.parser.parse(document);
        let Resolved { resolution, standing } =
            self.resolver.read(document, &parsed, &capture.provenance, unnumbered(&capture.container), hash);
        let mut findings: Vec<Finding> =
            document.oddities.iter().map(|o| Finding::report(o.code, o.message.as_str())).collect();
        findings.extend(parsed.findings.iter().cloned());
        let (of_print, of_filing) = audit_in_parts(self.registry, &parsed, &resolution);
        findings.extend(of_print.findings);
        let mut report = Report {
            script: document.script,
            parsed,
            resolution,
            of_print: findings.len(),
            findings,
            checks: of_print.checks,
            standing,
        };
        report.checks.extend(of_filing.checks);
        report.conclude(of_filing.findings);
        report
    }

    /// The whole way. A panic in any stage ends this capture as `failed` and no other.
    pub fn read(&self, capture: &Capture) -> Read {
        self.read_keeping(capture).0
    }

    /// As [`Reader::read`], with the document that was read, for showing a fact where it stands.
    pub fn read_keeping(&self, capture: &Capture) -> (Read, Option<Document>) {
        let mut read =
            Read::gave_up(capture, capture.problem.clone().unwrap_or_else(|| Problem::unreadable("empty")));
        if capture.problem.is_some() {
            return (read, None);
        }
        let hash = read.hash.clone().unwrap_or_default();
        let guarded = catch_unwind(AssertUnwindSafe(|| {
            let document = self.document(capture)?;
            let report = Box::new(self.report(&document, capture, &hash));
            Ok((document, report))
        }));
        let mut kept = None;
        read.outcome = match guarded {
            Ok(Ok((document, report))) => {
                let charset = Some(document.charset.clone()).filter(|c| !c.is_empty());
                read.format = Some((document.format.media_type().to_owned(), charset));
                kept = Some(document);
                Ok(report)
            }
            Ok(Err(problem)) => Err(problem),
            Err(panic) => {
                let what = panic.downcast_ref::<String>().map(String::as_str);
                let what = what.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
                Err(Problem { status: CaptureStatus::Failed, reason: format!("panic: {what}") })
            }
        };
        (read, kept)
    }
}

/// The name of a document without its number among the records of its container. A record put in front of it changes the
/// number and nothing else, so nothing that is read may depend on it.
pub(crate) fn unnumbered(container: &str) -> &str {
    let numbered = container.rsplit_once('#');
    let numbered = numbered.filter(|(_, n)| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    numbered.map_or(container, |(name, _)| name)
}

/// The title that the crawler stored, for a document without one of its own.
fn add_title(document: &mut Document, capture: &Capture) {
    const TITLE: &str = "title";
    let Some(title) = &capture.provenance.title else { return };
    if document.meta.iter().all(|m| m.name != TITLE) {
        let value = simplify(title).split_whitespace().collect::<Vec<_>>().join(" ");
        document.meta.push(Meta { name: TITLE.to_owned(), value });
    }
}

impl Report {
    /// Decides again who filed, where and when, with what others say about what is open. Says whether that helped; the findings
    /// are then to be made again ([`Report::audit_again`]).
    pub(crate) fn answer(&mut self, reader: &Reader<'_>, hash: &str, answers: Answers<'_>) -> bool {
        let Some(open) = self.standing.open.take() else { return false };
        let before = Resolved { resolution: self.resolution.clone(), standing: self.standing.clone() };
        let Some(now) = open.answered(&reader.resolver, &before, &self.parsed.form, hash, answers) else {
            return false;
        };
        (self.resolution, self.standing) = (now.resolution, now.standing);
        true
    }

    /// Makes the findings again that depend on who filed, for which year and when.
    pub(crate) fn audit_again(&mut self, registry: &Registry) {
        let audited = audit_filing(registry, &self.parsed, &self.resolution);
        self.conclude(audited.findings);
    }

    /// Puts findings about whose it is and when behind those about what is printed.
    fn conclude(&mut self, of_filing: Vec<Finding>) {
        self.findings.truncate(self.of_print);
        self.findings.extend(self.resolution.findings.iter().cloned());
        self.findings.extend(of_filing);
    }
}

impl Read {
    /// A capture that is not read, and why.
    pub(crate) fn gave_up(capture: &Capture, problem: Problem) -> Self {
        Self {
            container: capture.container.to_string(),
            bytes: capture.size,
            hash: capture.problem.is_none().then(|| blake3::hash(&capture.bytes).to_hex().to_string()),
            provenance: capture.provenance.clone(),
            ties: capture.ties.clone(),
            format: None,
            outcome: Err(problem),
        }
    }

    /// Whether reading it once more would end the same way.
    pub(crate) fn is_final(&self) -> bool {
        !self.outcome.as_ref().is_err_and(may_end_otherwise)
    }

    /// The report, when the document is one.
    pub fn report(&self) -> Option<&Report> {
        self.outcome.as_ref().ok().map(AsRef::as_ref).filter(|r| r.resolution.verdict == Verdict::Report)
    }
}
