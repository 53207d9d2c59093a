//! What a report leaves open is decided again from what was kept of it, as its document would be with the answer at hand.
#![allow(dead_code, reason = "heads are used by other tests, too")]

mod common;
#[path = "common/heads.rs"]
mod labelled;

use common::{document, paragraph, parsed, sections};
use gongkai_model::{Cover, Date, EvidenceKind, Provenance, Role};
use gongkai_registry::Registry;
use gongkai_resolve::{Answers, HostPlace, Resolved, Resolver};
use labelled::heads;
use std::sync::LazyLock;

fn resolver() -> &'static Resolver<'static> {
    static RESOLVER: LazyLock<Resolver<'static>> = LazyLock::new(|| Resolver::new(Registry::embedded()));
    &RESOLVER
}

fn resolve(top: &[&str], host: Option<&str>) -> Resolved {
    let mut blocks: Vec<_> = top.iter().map(|t| paragraph(t, Role::Body)).collect();
    blocks.extend(sections());
    let provenance = Provenance { host: host.map(str::to_owned), ..Provenance::default() };
    resolver().read(&document(&[], blocks), &parsed("narrative"), &provenance, "page.txt", "hash")
}

fn answer(before: &Resolved, answers: Answers<'_>) -> Option<Resolved> {
    let open = before.standing.open.as_ref()?;
    open.answered(resolver(), before, "narrative", "hash", answers)
}

/// All that is told of a report but the date it was published on.
fn told(resolved: &Resolved) -> String {
    let (r, s) = (&resolved.resolution, &resolved.standing);
    let who = (&r.report_id, &r.agency_id, &r.agency_name, &r.agency_kind, &r.agency_mark, &r.agency_level);
    let read_from = (r.year, r.year_evidence, r.region_evidence);
    format!("{who:?} {:?} {read_from:?} {:?} {:?}", r.place, r.findings, (&s.agency, &s.function, s.complete))
}

#[test]
fn what_was_kept_is_all_that_was_decided_by() {
    let files = [
        include_str!("heads.tsv"),
        include_str!("heads-held-out.tsv"),
        include_str!("heads-fresh.tsv"),
        include_str!("heads-unseen.tsv"),
        include_str!("heads-sentences.tsv"),
        include_str!("heads-short.tsv"),
    ];
    let date = Some(Date(19_000));
    let cover = Cover { published_on: date, ..Cover::default() };
    let (mut asked, mut open) = (0, 0);
    for head in files.iter().flat_map(|file| heads(file)) {
        let head = head.unwrap();
        let before = head.resolve(resolver());
        let Some(kept) = &before.standing.open else { continue };
        assert!(answer(&before, Answers::default()).is_none(), "{}: nobody said anything", head.title);
        // The date of its page alone: everything else is decided again as it was.
        if before.resolution.published_on.is_none() {
            let now = answer(&before, Answers { cover: Some(&cover), host: None }).unwrap();
            assert_eq!(told(&now), told(&before), "{}", head.title);
            assert_eq!(now.resolution.published_on, date);
            (asked, open) = (asked + 1, open + usize::from(kept.asks_host()));
        }
    }
    assert!(asked > 300 && open > 20, "{asked} {open}");
}

#[test]
fn a_page_answers_as_if_the_document_printed_it() {
    // A district that is no more: its name can only be read as of the year, which the page tells.
    let before = resolve(&["崇文区民政局政府信息公开年度报告"], None);
    assert_eq!((before.resolution.year, &before.resolution.place.county_code), (None, &None));
    let cover = Cover { year: Some(2009), unit: Some("110103".to_owned()), ..Cover::default() };
    let now = answer(&before, Answers { cover: Some(&cover), host: None }).unwrap();
    let whole = resolve(&["北京市崇文区民政局2009年政府信息公开年度报告"], None).resolution;
    assert_eq!(now.resolution.place, whole.place);
    assert_eq!(now.resolution.place.county_code.as_deref(), Some("110103"));
    assert_eq!((&now.resolution.report_id, &now.resolution.agency_id), (&whole.report_id, &whole.agency_id));
    assert_eq!(now.resolution.year_evidence, Some(EvidenceKind::Cover));
    assert!(now.standing.complete && now.standing.open.is_none());
    assert!(now.resolution.findings.is_empty(), "{:?}", now.resolution.findings);
    // What the document says itself is not asked.
    let before = resolve(&["北京市东城区民政局2019年政府信息公开年度报告"], None);
    let cover = Cover { agency_name: Some("北京市崇文区审计局".to_owned()), ..cover };
    assert!(answer(&before, Answers { cover: Some(&cover), host: None }).is_none());
}

#[test]
fn a_host_answers_only_what_is_open() {
    // It spells no place: one that does is part of what the report says itself.
    let host = "www.example.gov.cn";
    let taught = |unit: &str, exactly| HostPlace { host: host.into(), unit: unit.into(), exactly };
    let ask =
        |before: &Resolved, place: &HostPlace| answer(before, Answers { cover: None, host: Some(place) });
    let before = resolve(&["鼓楼区民政局2021年政府信息公开年度报告"], Some(host));
    assert!(before.standing.open.as_ref().unwrap().asks_host());
    let now = ask(&before, &taught("320106", true)).unwrap().resolution;
    let whole = resolve(&["南京市鼓楼区民政局2021年政府信息公开年度报告"], Some(host));
    assert_eq!((&now.report_id, &now.place), (&whole.resolution.report_id, &whole.resolution.place));
    assert_eq!(now.region_evidence, Some(EvidenceKind::Host));
    assert!(now.findings.is_empty(), "{:?}", now.findings);
    // Its city says which of several it is, another city nothing.
    assert!(ask(&before, &taught("320100", false)).is_some());
    assert!(ask(&before, &taught("330100", true)).is_none());
    // An agency without any place in its name lies in that of its host, if none of the host's lies below.
    let before = resolve(&["区信访局2021年政府信息公开年度报告"], Some(host));
    assert!(ask(&before, &taught("320106", true)).is_some());
    assert!(ask(&before, &taught("320106", false)).is_none());
    // Where the place is known, the host is not asked.
    assert!(ask(&whole, &taught("330100", true)).is_none());
}
