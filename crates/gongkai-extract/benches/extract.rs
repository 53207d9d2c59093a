//! What one document costs.

use divan::Bencher;
use gongkai_extract::{Hints, Limits, extract, simplify};
use std::hint::black_box;

fn main() {
    divan::main();
}

const ROW: &str = "<tr style='height:20pt'><td width=120 style='border:1px solid'><p class=MsoNormal><span lang=EN-US \
    style='font-size:10pt'>LABEL</span></p></td><td colspan=2 style='border:1px solid'><p><span>0</span></p></td>\
    <td style='border:1px solid'><p><span>1</span><span>2</span></p></td></tr>";
const PROSE: &str = "2023年，某县某局认真贯彻落实条例规定，围绕重点领域主动公开政府信息，依法办理公开申请。";
const PROSE_TRADITIONAL: &str =
    "2023年，某縣某局認真貫徹落實條例規定，圍繞重點領域主動公開政府信息，依法辦理公開申請。";

fn page() -> String {
    let rows: String = (0..80).map(|n| ROW.replace("LABEL", &format!("第{n}项"))).collect();
    let text = format!("<p style='text-indent:2em'><span>{PROSE}</span></p>").repeat(30);
    format!(
        "<!DOCTYPE html><html><head><meta charset=utf-8><title>年报</title></head><body>{text}<table>{rows}</table></body></html>"
    )
}

fn pipe_text() -> String {
    format!("{}\n", PROSE).repeat(30) + &"规章 | 0 | 0 | 12 |||\n".repeat(60)
}

fn run(bencher: Bencher<'_, '_>, text: &str) {
    bencher
        .counter(divan::counter::BytesCount::of_str(text))
        .bench(|| extract(black_box(text.as_bytes()), &Hints::default(), &Limits::default()));
}

#[divan::bench]
fn html(bencher: Bencher<'_, '_>) {
    run(bencher, &page());
}

#[divan::bench]
fn text(bencher: Bencher<'_, '_>) {
    run(bencher, &pipe_text());
}

/// One document of every kind that is no text, as the generator prints it.
#[divan::bench(args = gongkai_generator::Medium::ALL)]
fn paper(bencher: Bencher<'_, '_>, medium: gongkai_generator::Medium) {
    let spec = gongkai_generator::paper_specs(medium, 1, 1).next();
    let Some(spec) = spec else { return };
    let bytes = gongkai_generator::print_as(&spec, medium).bytes;
    bencher
        .bench(|| extract(black_box(&bytes), &Hints::default(), &Limits::default()).map(|d| d.blocks.len()));
}

/// A PDF of six pages, by either writer.
#[divan::bench(args = [gongkai_generator::Medium::PdfWord, gongkai_generator::Medium::PdfReport])]
fn six_pages(bencher: Bencher<'_, '_>, medium: gongkai_generator::Medium) {
    let count = |bytes: &[u8], word: &[u8]| bytes.windows(word.len()).filter(|w| *w == word).count();
    let pages = |bytes: &[u8]| count(bytes, b"/Type/Page/") + count(bytes, b"/Type /Page\n");
    let printed = gongkai_generator::paper_specs(medium, 400, 1)
        .map(|spec| gongkai_generator::print_as(&spec, medium).bytes);
    let Some(bytes) = printed.into_iter().find(|bytes| pages(bytes) == 6) else { return };
    bencher
        .bench(|| extract(black_box(&bytes), &Hints::default(), &Limits::default()).map(|d| d.blocks.len()));
}

#[divan::bench]
fn simplify_traditional(bencher: Bencher<'_, '_>) {
    let text = PROSE_TRADITIONAL.repeat(60);
    bencher.counter(divan::counter::BytesCount::of_str(&text)).bench(|| simplify(black_box(&text)).len());
}

#[divan::bench]
fn simplify_simplified(bencher: Bencher<'_, '_>) {
    let text = PROSE.repeat(60);
    bencher.counter(divan::counter::BytesCount::of_str(&text)).bench(|| simplify(black_box(&text)).len());
}
