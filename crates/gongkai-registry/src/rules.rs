//! Texts of the findings: `data/rules/<CODE>.md`, one a code.
//!
//! The first line is `# CODE name (severity)`; then follow what it means, the clause it rests on, why it matters, an
//! example and when it may be a false alarm. `gongkai explain` prints the page. The pages of the audit's rules are written
//! by `cargo xtask docs` from the doc comments of the rules.

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
    /// What it means: the first paragraph of the text.
    pub summary: String,
    /// The clause it rests on.
    pub clause: String,
    /// The whole page, Markdown.
    pub text: String,
}

pub(crate) fn load(source: &Source) -> Result<Vec<Rule>> {
    source
        .paths("rules/GK", ".md")
        .map(|path| {
            let rule = Rule::parse(source.text(path)?).with_context(|| format!("data/{path}"))?;
            if path != format!("rules/{}.md", rule.code) {
                bail!("data/{path}: the heading says {}", rule.code);
            }
            Ok(rule)
        })
        .collect()
}

/// What every page says behind its first paragraph, in this order.
const PARTS: [&str; 4] = ["**Clause.**", "**Why it matters.**", "**Example.**", "**False alarms.**"];

impl Rule {
    /// Reads a page.
    ///
    /// # Errors
    /// What the page lacks.
    pub fn parse(text: &str) -> Result<Self> {
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
        let (mut summary, mut clause) = (String::new(), String::new());
        let mut rest = body;
        for (at, part) in PARTS.iter().enumerate() {
            let (before, behind) = rest
                .split_once(part)
                .with_context(|| format!("the part {part} is missing, or out of order"))?;
            match at {
                0 => summary = one_line(before),
                1 => clause = one_line(before),
                _ => {}
            }
            if before.trim().is_empty() {
                bail!("nothing is said before {part}");
            }
            rest = behind;
        }
        if rest.trim().is_empty() {
            bail!("nothing is said about false alarms");
        }
        let (code, name) = ((*code).to_owned(), (*name).to_owned());
        Ok(Self { code, name, severity, summary, clause, text: text.to_owned() })
    }
}

/// A paragraph without its line breaks.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::Rule;

    const PAGE: &str = "# GK999 made_up (info)\n\nWhat it\nmeans.\n\n**Clause.** Article 1.\n\n**Why it matters.** a\n\n**Example.** b\n\n**False alarms.** c\n";

    #[test]
    fn a_page_says_what_it_must() {
        let rule = Rule::parse(PAGE).unwrap();
        assert_eq!((rule.code.as_str(), rule.name.as_str()), ("GK999", "made_up"));
        assert_eq!((rule.summary.as_str(), rule.clause.as_str()), ("What it means.", "Article 1."));
        for part in ["**Clause.**", "**Example.**", "(info)", "What it\nmeans."] {
            assert!(Rule::parse(&PAGE.replace(part, "")).is_err(), "{part}");
        }
    }
}
