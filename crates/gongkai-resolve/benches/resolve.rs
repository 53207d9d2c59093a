//! Resolution of one page of 30 KB (at most 0.2 ms), and what a run does with all of them: hosts and copies.

#[path = "../tests/common/mod.rs"]
mod common;

use common::{document, paragraph, parsed, sections};
use gongkai_model::{Document, Fingerprint, Number, Provenance, ReportKey, Role, Scope, SourceTrust};
use gongkai_registry::Registry;
use gongkai_resolve::{Figures, Hosts, Resolver, Witness, choose_copies};

fn main() {
    divan::main();
}

/// A report of a district that several cities have, with 10 KB of narrative and a footer.
fn page() -> Document {
    let mut blocks = vec![paragraph("鼓楼区民政局2021年政府信息公开工作年度报告", Role::Heading)];
    for _ in 0..6 {
        blocks.extend(sections());
    }
    blocks.push(paragraph("鼓楼区民政局", Role::Body));
    blocks.push(paragraph("2022年1月19日", Role::Body));
    blocks.push(paragraph(
        "主办单位：南京市鼓楼区人民政府 网站标识码：3201060001 苏ICP备05012345号",
        Role::Navigation,
    ));
    document(&[("pubdate", "2022-01-20"), ("contentsource", "鼓楼区人民政府")], blocks)
}

#[divan::bench]
fn one_document(bencher: divan::Bencher<'_, '_>) {
    let resolver = Resolver::new(Registry::embedded());
    let (page, parsed, provenance) = (page(), parsed("2021"), Provenance::default());
    bencher.bench_local(|| resolver.resolve(&page, &parsed, &provenance, "a/page.html", "hash"));
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn building_the_resolver() -> Resolver<'static> {
    Resolver::new(Registry::embedded())
}

struct Same;

impl Figures for Same {
    fn figures(&self, _: usize) -> Vec<(String, Number)> {
        (0..175_i64).map(|i| (format!("requests.item.{i:03}"), Number::from_integer(i))).collect()
    }
}

/// 50,000 captures, every report twice.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn copies_of_50_000_captures(bencher: divan::Bencher<'_, '_>) {
    let key = |i: usize| ReportKey {
        capture: i,
        container: format!("{i:06}.html").into(),
        report_id: Some(format!("r{:016x}", i / 2)),
        agency_id: None,
        scope: Scope::Unknown,
        resolved: !i.is_multiple_of(20),
        agency_name: Some("鼓楼区民政局".to_owned()),
        agency: Some("/civil_affairs".to_owned()),
        function: Some("民政局".to_owned()),
        year: Some(2021),
        uri: None,
        fingerprint: Fingerprint { text: Some(format!("{:032x}", i / 2)), sketch: Vec::new(), figures: None },
        content_hash: format!("{i:064x}"),
        trust: SourceTrust::Gov,
        cells_read: 175,
        doubts: 0,
        fetched_at: None,
        gone: false,
    };
    let keys: Vec<ReportKey> = (0..50_000).map(key).collect();
    bencher.bench_local(|| choose_copies(&keys, &Same));
}

/// One host with 10,000 sure captures.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn hosts_of_10_000_captures(bencher: divan::Bencher<'_, '_>) {
    let resolver = Resolver::new(Registry::embedded());
    let blocks = vec![paragraph("南京市鼓楼区民政局2021年政府信息公开工作年度报告", Role::Heading)];
    let provenance = Provenance { host: Some("www.njgl.gov.cn".to_owned()), ..Provenance::default() };
    let one = resolver.read(&document(&[], blocks), &parsed("2021"), &provenance, "a", "hash");
    let registry = Registry::embedded();
    let witness = Witness::of(registry, &one.resolution, &one.standing);
    bencher.bench_local(|| Hosts::learn(registry, (0..10_000).filter_map(|_| witness.as_ref())));
}
