//! What a rule is, and what comes out of the rules.

use crate::Report;
use gongkai_model::Finding;

/// A rule over one report. The doc comment of its file is the page of its code.
pub(crate) struct Rule {
    /// `GK401` ...
    pub code: &'static str,
    /// Makes its checks.
    pub check: fn(&Report<'_>, &mut Checks),
}

/// What one rule checked in one report.
#[derive(Default)]
pub(crate) struct Checks {
    made: u32,
    findings: Vec<Finding>,
}

impl Checks {
    /// One check was made; the finding, where it does not hold.
    pub(crate) fn that(&mut self, holds: bool, finding: impl FnOnce() -> Finding) {
        self.all(if holds { None } else { Some(finding()) });
    }

    /// One check was made over many cells, each of which may give a finding.
    pub(crate) fn all(&mut self, findings: impl IntoIterator<Item = Finding>) {
        self.made += 1;
        self.findings.extend(findings);
    }
}

/// What the rules found in a report.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Audit {
    /// Findings, by code.
    pub findings: Vec<Finding>,
    /// Checks made, by code of the rule. A check is one comparison whose terms are all known (a sum in one row or column), or
    /// one look at all cells of a table; a rule that had nothing to compare made none.
    pub checks: Vec<(&'static str, u32)>,
}

impl Audit {
    /// Checks made by all rules.
    pub fn made(&self) -> u32 {
        self.checks.iter().map(|(_, n)| n).sum()
    }

    /// Adds what other rules found.
    pub(crate) fn append(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.checks.extend(other.checks);
    }

    pub(crate) fn add(&mut self, rule: &Rule, checks: Checks) {
        self.checks.push((rule.code, checks.made));
        self.findings.extend(checks.findings);
    }
}
