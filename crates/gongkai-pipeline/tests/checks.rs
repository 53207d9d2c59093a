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
        // The figures are drawn by chance: they keep the sums of the form, and not what is only usual.
        let hard = ["GK401", "GK402", "GK404", "GK405"];
        let doubts: Vec<_> = report.findings.iter().filter(|f| hard.contains(&f.code)).collect();
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

/// A small report about 2021 with the third table, all zeros: who filed, when it was published, the period, a sentence.
struct Small {
    agency: &'static str,
    published: &'static str,
    period: &'static str,
    sentence: &'static str,
}

const SOUND: Small = Small {
    agency: "南京市栖霞区民政局",
    published: "2022-01-20",
    period: "2021年1月1日起至2021年12月31日",
    sentence: "本年度未发生政府信息公开行政复议、行政诉讼。",
};

/// The codes of its findings of the audit that speak of the report as a whole or of sentences.
fn codes(small: &Small) -> Vec<&'static str> {
    let outcomes = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"].map(|o| format!("<td>{o}</td>"));
    let html = format!(
        "<head><meta name=PubDate content=\"{} 09:00\"></head><h1>{}2021年政府信息公开工作年度报告</h1>\
         <p>本报告所列数据的统计期限自{}止。</p><p>一、总体情况</p><p>{}</p><table>\
         <tr><td colspan=5>行政复议</td><td colspan=10>行政诉讼</td></tr>\
         <tr><td colspan=5></td><td colspan=5>未经复议直接起诉</td><td colspan=5>复议后起诉</td></tr>\
         <tr>{}</tr><tr>{}</tr></table><p>{}</p>",
        small.published,
        small.agency,
        small.period,
        small.sentence,
        outcomes.concat().repeat(3),
        "<td>0</td>".repeat(15),
        small.agency
    );
    let mut capture = capture("2021", 1);
    (capture.size, capture.bytes) = (html.len() as u64, html.into_bytes());
    let report = Reader::new(Registry::embedded()).read(&capture).outcome.unwrap();
    let about = ["GK211", "GK408", "GK409", "GK411", "GK412"];
    report.findings.iter().map(|f| f.code).filter(|c| about.contains(c)).collect()
}

#[test]
fn dates_are_held_against_the_year_and_the_regulations() {
    assert_eq!(codes(&SOUND), [""; 0]);
    assert_eq!(codes(&Small { published: "2022-03-28", ..SOUND }), ["GK408"]);
    // The report of a government is due on 31 March.
    let government = Small { agency: "南京市栖霞区人民政府", published: "2022-03-28", ..SOUND };
    assert_eq!(codes(&government), [""; 0]);
    assert_eq!(codes(&Small { published: "2022-04-01", ..government }), ["GK408"]);
    assert_eq!(codes(&Small { period: "2021年1月1日起至2021年10月31日", ..SOUND }), ["GK409"]);
}

#[test]
fn sentences_are_held_against_the_table_they_speak_of() {
    let whole = Small { sentence: "全区发生政府信息公开行政复议2件。", ..SOUND };
    assert_eq!(codes(&whole), [""; 0], "an office does not count for its district");
    assert_eq!(codes(&Small { agency: "南京市栖霞区人民政府", ..whole }), ["GK411"]);
    assert_eq!(codes(&Small { sentence: "我局发生行政诉讼1件。", ..SOUND }), ["GK411"]);
    assert_eq!(codes(&Small { sentence: "2020年发生行政诉讼1件。", ..SOUND }), [""; 0]);
    // Of two that differ one agrees.
    let several =
        Small { sentence: "全年行政诉讼0件。市民政局系统内行政诉讼3件。", ..SOUND };
    assert_eq!(codes(&several), [""; 0]);
}
