//! Texts of the findings: `data/rules/<CODE>.md`, one a code.
//!
//! The first line is `# CODE name (severity)`; then follow what it means in one sentence, why it matters, an example and
//! when it may be a false alarm. `gongkai explain` prints the page.

use crate::source::Source;
use anyhow::{Context, Result, bail};
use gongkai_model::Severity;

/// What a finding means.
#[derive(Debug, Clone)]
pub struct Rule {
    /// `GK001` ...
    pub code: String,
    /// snake_case name.
    pub name: String,
    /// How much it should worry a reader.
    pub severity: Severity,
    /// First sentence of the text: what it means.
    pub summary: String,
    /// The whole page, Markdown.
    pub text: String,
}

pub(crate) fn load(source: &Source) -> Result<Vec<Rule>> {
    source
        .paths("rules/GK", ".md")
        .map(|path| parse(source.text(path)?).with_context(|| format!("data/{path}")))
        .collect()
}

/// What every page says.
const PARTS: [&str; 3] = ["**Why it matters.**", "**Example.**", "**False alarms.**"];

fn parse(text: &str) -> Result<Rule> {
    let (head, body) = text.split_once('\n').context("no text below the heading")?;
    let words: Vec<&str> = head.trim_start_matches('#').split_whitespace().collect();
    let [code, name, severity] = words.as_slice() else {
        bail!("the heading is not `# CODE name (severity)`")
    };
    let severity = match *severity {
        "(error)" => Severity::Error,
        "(warning)" => Severity::Warning,
        "(info)" => Severity::Info,
        other => bail!("unknown severity {other}"),
    };
    for part in PARTS {
        if !body.contains(part) {
            bail!("the part {part} is missing");
        }
    }
    let summary = body.trim().lines().next().unwrap_or_default().to_owned();
    Ok(Rule { code: (*code).to_owned(), name: (*name).to_owned(), severity, summary, text: text.to_owned() })
}
