//! How many checks a report goes through, and that a sound one comes out without a doubt about its figures.

#![allow(clippy::unwrap_used)]

use gongkai_generator::{Charset, Damage, Layout, Spec, print};
use gongkai_model::{Capture, Provenance, Ties};
use gongkai_pipeline::Reader;
use gongkai_registry::Registry;

/// A printed report as the crawler brings it home.
fn capture(form: &'static str, seed: u64) -> Capture {
    let damages = vec![Damage::None];
    let layout = Layout::HtmlSpans;
    let printed = print(&Spec { seed, form, layout, damages, traditional: false, charset: Charset::Utf8 });
    Capture {
        container: "page.html".into(),
        size: printed.bytes.len() as u64,
        bytes: printed.bytes,
        provenance: Provenance::default(),
        ties: Ties::default(),
        problem: None,
    }
}

#[test]
fn a_complete_report_of_2021_goes_through_sixty_checks_and_more() {
    let reader = Reader::new(Registry::embedded());
    for seed in 1..=30 {
        let read = reader.read(&capture("2021", seed));
        let report = read.outcome.unwrap();
        let made: u32 = report.checks.iter().map(|(_, made)| made).sum();
        assert!(made >= 60, "seed {seed}: {made} checks: {:?}", report.checks);
        let sums = report.checks.iter().find(|(code, _)| *code == "GK401").unwrap();
        // The sum of each of 25 rows and of three channels; two sums in each of seven columns.
        assert_eq!(sums.1, 25 + 3 + 2 * 7);
        let doubts: Vec<_> = report.findings.iter().filter(|f| f.code.starts_with("GK40")).collect();
        assert!(doubts.is_empty(), "seed {seed}: {doubts:?}");
    }
}

#[test]
fn no_check_is_made_of_what_is_not_printed() {
    let reader = Reader::new(Registry::embedded());
    let mut capture = capture("2021", 1);
    let html = String::from_utf8(capture.bytes).unwrap();
    capture.bytes = html.replace("<table", "<div").replace("</table", "</div").into_bytes();
    capture.bytes.truncate(200);
    let report = reader.read(&capture).outcome.unwrap();
    let made = |code: &str| report.checks.iter().find(|(c, _)| *c == code).unwrap().1;
    assert_eq!(["GK401", "GK402", "GK404", "GK411"].map(made), [0; 4]);
}
