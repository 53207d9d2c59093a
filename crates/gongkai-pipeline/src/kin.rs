//! Captures that their containers tie together: fetches that found nothing new, and representations of one page.

use crate::copies::Relative;
use gongkai_model::{CaptureStatus, Finding, Problem, ReportKey};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Gives every revisit the content it found again. One whose original is not among the inputs cannot be read.
pub(crate) fn resolve_revisits(relatives: &mut [Relative]) {
    let mut originals: HashMap<String, String> = HashMap::new();
    for read in relatives.iter().map(|r| &r.read).filter(|r| !r.ties.revisit) {
        if let (Some(digest), Some(hash)) = (&read.ties.digest, &read.hash) {
            // Of two contents with one digest the smaller hash counts, whatever the order.
            let known = originals.entry(digest.to_string()).or_insert_with(|| hash.clone());
            if *hash < *known {
                known.clone_from(hash);
            }
        }
    }
    for read in relatives.iter_mut().map(|r| &mut r.read).filter(|r| r.ties.revisit) {
        match read.ties.digest.as_deref().and_then(|digest| originals.get(digest)) {
            Some(hash) => read.hash = Some(hash.clone()),
            None => {
                let reason = "revisit_without_original: its content is not among the inputs";
                read.outcome = Err(Problem::unreadable(reason));
            }
        }
    }
}

/// Captures whose text lies beside a scan without text of its own, and what is to be said of them: somebody's recognition
/// made it.
pub(crate) fn recognised(relatives: &[Relative]) -> Vec<(usize, Finding)> {
    let is_scan = |r: &&Relative| {
        let has_no_text = |problem: &Problem| problem.reason.starts_with("no_text_layer");
        r.read.ties.cover.is_none() && r.read.outcome.as_ref().is_err_and(has_no_text)
    };
    let scans: BTreeSet<_> =
        relatives.iter().filter(is_scan).filter_map(|r| r.read.ties.page.as_deref()).collect();
    let message = "the text lies beside a scan that has none: somebody's text recognition made it";
    let beside = |r: &Relative| {
        r.read.outcome.is_ok() && r.read.ties.page.as_deref().is_some_and(|page| scans.contains(page))
    };
    let texts = relatives.iter().enumerate().filter(|(_, r)| beside(r));
    texts.map(|(at, _)| (at, Finding::report("GK111", message))).collect()
}

/// Lets the representations of a page be copies of one report. Returns those that are no report by themselves, with the
/// capture that is the report of their page.
///
/// A text made from a page loses its title, or its site's name; so what only is not known in one representation does not
/// make it a report of its own. Representations that say different things stay apart.
pub(crate) fn join_pages(reads: &[Relative], keys: &mut [ReportKey]) -> HashMap<usize, usize> {
    let mut pages: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, key) in keys.iter().enumerate() {
        if let Some(page) = reads.get(key.capture).and_then(|r| r.read.ties.page.as_deref()) {
            pages.entry(page).or_default().push(at);
        }
    }
    let mut others = HashMap::new();
    for members in pages.into_values() {
        let best = members
            .iter()
            .filter_map(|at| keys.get(*at).filter(|k| k.report_id.is_some()))
            .min_by_key(|k| (k.gone, Reverse(k.cells_read), k.doubts, k.container.clone()));
        let Some((leader, id)) = best.and_then(|k| Some((k.capture, k.report_id.clone()?))) else { continue };
        for at in members {
            let Some(key) = keys.get_mut(at).filter(|k| k.capture != leader) else { continue };
            let is_attached = reads.get(key.capture).is_some_and(|r| r.read.ties.cover.is_some());
            if key.report_id.is_none() {
                // What else is attached to a page is a document of its own.
                if !is_attached {
                    others.insert(key.capture, leader);
                }
            } else if agree(reads, leader, key.capture) {
                key.report_id = Some(id.clone());
            }
        }
    }
    others
}

/// Whether two reports can be one: nothing that both know differs. Of something attached both must be known: a page may have
/// several reports attached.
fn agree(reads: &[Relative], one: usize, other: usize) -> bool {
    let resolution = |at: usize| Some(&reads.get(at)?.read.report()?.resolution);
    let (Some(a), Some(b)) = (resolution(one), resolution(other)) else { return false };
    let is_attached = |at: usize| reads.get(at).is_some_and(|r| r.read.ties.cover.is_some());
    let may_be_open = !is_attached(one) && !is_attached(other);
    let agree = |are_known: bool, are_same: bool| if are_known { are_same } else { may_be_open };
    agree(a.year.is_some() && b.year.is_some(), a.year == b.year)
        && agree(a.agency_name.is_some() && b.agency_name.is_some(), a.agency_name == b.agency_name)
}

/// What the row of another representation says: of a page whose report is attached, that it is the cover.
pub(crate) fn other_representation(leader: Option<&Relative>) -> (CaptureStatus, Option<Arc<str>>) {
    let is_attached = leader.is_some_and(|leader| leader.read.ties.cover.is_some());
    let reason = if is_attached { "cover_of_attachment" } else { "other_representation" };
    (CaptureStatus::Superseded, Some(reason.into()))
}
