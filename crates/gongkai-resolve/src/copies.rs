//! Which captures are copies of one report, and which copy speaks for it.

use gongkai_model::{ReportKey, SourceTrust};
use std::cmp::Reverse;
use std::collections::HashMap;

/// What becomes of a capture among its copies. Positions are those of the keys passed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// It speaks for its report.
    Speaks {
        /// Captures of the report, this one and exact duplicates included.
        copies: u32,
    },
    /// Its bytes are those of another capture.
    Duplicate {
        /// The first capture with these bytes, by path.
        of: usize,
        /// Why: `same_bytes`.
        reason: String,
    },
    /// Another copy of the same report speaks.
    Superseded {
        /// The capture that speaks.
        by: usize,
        /// What made the difference: `more_trusted_host`, `more_cells_read`, `fewer_doubts`, `later_fetch`, `tie`.
        reason: String,
    },
    /// It is no report.
    NotAReport,
}

/// Chooses for every key, in the same order; the result does not depend on the order of the keys.
///
/// Exact duplicates are found by content first, reports and other documents alike. Of different copies of one report
/// the one from the most trusted host speaks, then the most completely read, then the one with the fewest doubts, the
/// latest fetched, and at last the one with the smallest hash.
pub fn choose_copies(keys: &[ReportKey]) -> Vec<Choice> {
    let mut order: Vec<usize> = (0..keys.len()).collect();
    order.sort_by(|a, b| path(keys, *a).cmp(&path(keys, *b)));
    let mut choices: Vec<Choice> = vec![Choice::NotAReport; keys.len()];
    let mut first: HashMap<&str, usize> = HashMap::new();
    let mut reports: Vec<(&str, Vec<usize>)> = Vec::new();
    let mut by_report: HashMap<&str, usize> = HashMap::new();
    let mut copies: HashMap<&str, u32> = HashMap::new();
    for i in order {
        let Some(key) = keys.get(i) else { continue };
        if let Some(id) = key.report_id.as_deref() {
            *copies.entry(id).or_default() += 1;
        }
        if let Some(of) = first.get(key.content_hash.as_str()) {
            if let Some(choice) = choices.get_mut(i) {
                *choice = Choice::Duplicate { of: *of, reason: "same_bytes".to_owned() };
            }
            continue;
        }
        first.insert(&key.content_hash, i);
        if let Some(id) = key.report_id.as_deref() {
            let group = *by_report.entry(id).or_insert_with(|| {
                reports.push((id, Vec::new()));
                reports.len() - 1
            });
            if let Some((_, members)) = reports.get_mut(group) {
                members.push(i);
            }
        }
    }
    for (id, members) in reports {
        let Some(best) = members.iter().copied().min_by(|a, b| rank(keys, *a).cmp(&rank(keys, *b))) else {
            continue;
        };
        for i in members {
            let choice = if i == best {
                Choice::Speaks { copies: copies.get(id).copied().unwrap_or(1) }
            } else {
                Choice::Superseded { by: best, reason: difference(keys, best, i).to_owned() }
            };
            if let Some(place) = choices.get_mut(i) {
                *place = choice;
            }
        }
    }
    choices
}

/// Order of paths; captures of one path (which should not occur) by their bytes.
fn path(keys: &[ReportKey], i: usize) -> Option<(&str, &str, usize)> {
    keys.get(i).map(|k| (&*k.container, k.content_hash.as_str(), k.capture))
}

fn trust(trust: SourceTrust) -> u8 {
    match trust {
        SourceTrust::Gov => 0,
        SourceTrust::Unknown => 1,
        SourceTrust::Mirror => 2,
    }
}

type Rank<'k> = (u8, Reverse<u32>, u32, Reverse<Option<i64>>, &'k str);

/// The lowest speaks.
fn rank(keys: &[ReportKey], i: usize) -> Option<Rank<'_>> {
    let k = keys.get(i)?;
    Some((trust(k.trust), Reverse(k.cells_read), k.doubts, Reverse(k.fetched_at), k.content_hash.as_str()))
}

fn difference(keys: &[ReportKey], best: usize, other: usize) -> &'static str {
    let (Some(a), Some(b)) = (keys.get(best), keys.get(other)) else { return "tie" };
    if trust(a.trust) != trust(b.trust) {
        "more_trusted_host"
    } else if a.cells_read != b.cells_read {
        "more_cells_read"
    } else if a.doubts != b.doubts {
        "fewer_doubts"
    } else if a.fetched_at != b.fetched_at {
        "later_fetch"
    } else {
        "tie"
    }
}
