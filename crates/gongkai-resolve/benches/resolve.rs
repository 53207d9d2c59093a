//! Resolution of one page of 30 KB: at most 0.2 ms.

#[path = "../tests/common/mod.rs"]
mod common;

use common::{document, paragraph, parsed, sections};
use gongkai_model::{Document, Provenance, Role};
use gongkai_registry::Registry;
use gongkai_resolve::Resolver;

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
