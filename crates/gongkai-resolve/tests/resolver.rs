//! Ids, dates, evidence; and that no document makes the resolver panic.

mod common;

use common::{document, paragraph, parsed, sections};
use gongkai_model::{
    Block, Cell, Date, EvidenceKind, Layout, Provenance, Resolution, Role, SourceTrust, Table, Verdict,
};
use gongkai_registry::Registry;
use gongkai_resolve::Resolver;
use proptest::prelude::*;
use std::sync::OnceLock;

fn resolver() -> &'static Resolver<'static> {
    static RESOLVER: OnceLock<Resolver<'static>> = OnceLock::new();
    RESOLVER.get_or_init(|| Resolver::new(Registry::embedded()))
}

fn resolve(meta: &[(&str, &str)], top: &[&str], form: &str, hash: &str) -> Resolution {
    let mut blocks: Vec<Block> = top.iter().map(|t| paragraph(t, Role::Body)).collect();
    blocks.extend(sections());
    resolver().resolve(&document(meta, blocks), &parsed(form), &Provenance::default(), "page.txt", hash)
}

#[test]
fn spellings_and_parents_give_the_same_ids() {
    let id = |title: &str| {
        let r = resolve(&[], &[title], "2021", title);
        (r.agency_id, r.report_id)
    };
    for (a, b) in [
        (
            "盘锦市双台子区人民政府办公室2021年政府信息公开工作年度报告",
            "双台子区政府办2021年政府信息公开年报",
        ),
        (
            "沭阳县发展和改革局2021年政府信息公开年度报告",
            "宿迁市沭阳县发改局2021年度政府信息公开工作年度报告",
        ),
        (
            "南京市栖霞区卫生健康委员会2021年政府信息公开年度报告",
            "栖霞区卫健委二〇二一年政府信息公开年度报告",
        ),
        ("句容市2021年政府信息公开年度报告", "句容市人民政府2021年政府信息公开年度报告"),
        ("沭阳县马厂镇2021年政府信息公开年度报告", "沭阳县马厂镇人民政府2021年政府信息公开年度报告"),
        ("民政部2021年政府信息公开年度报告", "中华人民共和国民政部2021年政府信息公开年度报告"),
    ] {
        assert_eq!(id(a), id(b), "{a}");
    }
    for (a, b) in [
        ("句容市教育局2021年政府信息公开年度报告", "句容市审计局2021年政府信息公开年度报告"),
        ("句容市国税局2014年政府信息公开年度报告", "句容市地税局2014年政府信息公开年度报告"),
        ("句容市2021年政府信息公开年度报告", "句容市人民政府办公室2021年政府信息公开年度报告"),
        ("栖霞区民政局2021年政府信息公开年度报告", "栖霞市民政局2021年政府信息公开年度报告"),
        ("沭阳县马厂镇2021年政府信息公开年度报告", "沭阳县2021年政府信息公开年度报告"),
    ] {
        assert_ne!(id(a).0, id(b).0, "{a}");
    }
    let (agency, report) = id("句容市教育局2021年政府信息公开年度报告");
    let (same, other) = id("句容市教育局2022年政府信息公开年度报告");
    assert!(agency == same && report != other);
    assert!(agency.len() == 17 && agency.starts_with('a') && report.len() == 17 && report.starts_with('r'));
}

/// Where captions disagree, a sentence does not tell which of the figures it means.
#[test]
fn a_scope_is_said_by_captions_that_agree_and_by_sentences_only_where_captions_say_nothing() {
    use gongkai_model::{Scope, ScopeEvidence, Section};
    use {Scope::*, ScopeEvidence::*};
    let decided = |captions: [Scope; 3], sentence: &str| {
        let mut parsed = parsed("2021");
        let table = parsed.tables.remove(0);
        let tables = ["proactive_disclosure", "disclosure_requests", "review_litigation"];
        parsed.tables = tables
            .into_iter()
            .zip(captions)
            .map(|(name, scope)| gongkai_model::TableReading { table: name.into(), scope, ..table.clone() })
            .collect();
        let text = format!("{sentence}。统计期限为全年。");
        parsed.sections = vec![Section { section: "preamble".into(), heading: String::new(), text }];
        let title = "霍山县人民政府2023年政府信息公开工作年度报告";
        let mut blocks = vec![paragraph(title, Role::Body)];
        blocks.extend(sections());
        let document = document(&[], blocks);
        let resolution = resolver().resolve(&document, &parsed, &Provenance::default(), "page.txt", "x");
        (resolution.scope, resolution.scope_evidence)
    };
    let (of_all, plain) = ("本报告涵盖各乡镇、各部门", "现将有关情况公布如下");
    assert_eq!(decided([Unknown, Unknown, Unknown], of_all), (Whole, Some(Opening)));
    assert_eq!(decided([Unknown, Unknown, Unknown], plain), (Unknown, None));
    assert_eq!(decided([Unknown, Own, Own], of_all), (Own, Some(Caption)));
    assert_eq!(decided([Unknown, Own, Whole], of_all), (Unknown, None));
    assert_eq!(decided([Whole, Own, Unknown], plain), (Unknown, None));
}

#[test]
fn an_agency_outlives_recoding_renaming_and_reform() {
    let id = |title: &str| resolve(&[], &[title], "2021", title).agency_id;
    for (a, b) in [
        ("密云县审计局2013年政府信息公开年度报告", "密云区审计局2021年政府信息公开年度报告"),
        ("蓟县教育局2012年政府信息公开年度报告", "天津市蓟州区教育局2021年政府信息公开年度报告"),
        ("襄樊市审计局2009年政府信息公开年度报告", "襄阳市审计局2012年政府信息公开年度报告"),
        ("綦江县民政局2009年政府信息公开年度报告", "綦江区民政局2021年政府信息公开年度报告"),
        ("句容市卫生局2012年政府信息公开年度报告", "句容市卫健委2021年政府信息公开年度报告"),
        ("第八师石河子市教育局2020年政府信息公开年度报告", "石河子市教育局2021年政府信息公开年度报告"),
    ] {
        assert_eq!(id(a), id(b), "{a}");
    }
    for (a, b) in [
        // Another unit took the code; another body has the function.
        ("万盛区民政局2009年政府信息公开年度报告", "綦江区民政局2021年政府信息公开年度报告"),
        ("句容市公路管理处2021年政府信息公开年度报告", "句容市交通运输局2021年政府信息公开年度报告"),
        ("句容市第一中学2021年政府信息公开年度报告", "句容市第二中学2021年政府信息公开年度报告"),
        (
            "新疆生产建设兵团教育局2021年政府信息公开年度报告",
            "新疆维吾尔自治区教育局2021年政府信息公开年度报告",
        ),
        ("昆山市经济开发区2021年政府信息公开年度报告", "昆山市2021年政府信息公开年度报告"),
    ] {
        assert_ne!(id(a), id(b), "{a}");
    }
}

#[test]
fn a_signature_inside_one_long_line_is_read() {
    let body = "坚持以公开为常态、不公开为例外，健全机制，明确职责，规范程序，依法及时准确公开各类信息，接受群众监督。".repeat(6);
    let line = format!("2021年政府信息公开工作年度报告{body}溧水区信访局2022年1月10日 打印本页 关闭窗口");
    let blocks = vec![paragraph(&line, Role::Body)];
    let r = resolver().resolve(&document(&[], blocks), &parsed("2021"), &Provenance::default(), "x", "h");
    assert_eq!(r.agency_name.as_deref(), Some("溧水区信访局"));
    assert_eq!((r.year, r.signed_on), (Some(2021), Some(Date(19_002))));
    // The date of another document in the middle is no signature.
    let line = format!("{body}市政府办公室2022年1月10日印发的文件{body}");
    let blocks = vec![paragraph(&line, Role::Body)];
    let r = resolver().resolve(&document(&[], blocks), &parsed("2021"), &Provenance::default(), "x", "h");
    assert_eq!((r.agency_name, r.signed_on), (None, None));
}

#[test]
fn decisions_show_strength_margin_and_losers() {
    let top = ["鼓楼区民政局2021年政府信息公开年度报告", "苏ICP备05012345号 地址：南京市鼓楼区中山路1号"];
    let r = resolve(&[("contentsource", "鼓楼区人民政府")], &top, "2021", "hash");
    let of = |about: &str| r.decisions.iter().find(|d| d.about == about).cloned().unwrap();
    let place = of("place");
    assert_eq!(place.value.as_deref(), Some("320106"));
    assert_eq!(place.losers.iter().map(|l| l.0.as_str()).collect::<Vec<_>>()[0], "320302");
    assert_eq!(place.losers.len(), 3);
    assert_eq!(place.margin, place.strength - place.losers[0].1);
    let agency = of("agency");
    assert_eq!(agency.value.as_deref(), Some("鼓楼区民政局"));
    assert_eq!(agency.losers, [("鼓楼区人民政府".to_owned(), 15)]);
    assert_eq!(of("year").value.as_deref(), Some("2021"));
    assert!(r.evidence.iter().all(|e| e.strength > 0), "{:#?}", r.evidence);
}

#[test]
fn unresolved_documents_are_never_merged() {
    for title in [
        "鼓楼区民政局2021年政府信息公开年度报告",
        "2021年政府信息公开工作年度报告",
        "句容市教育局政府信息公开年度报告",
    ] {
        let of = |hash: &str| resolve(&[], &[title], "2021", hash);
        assert_ne!(of("one").report_id, of("two").report_id, "{title}");
        assert_eq!(of("one").report_id, of("one").report_id, "{title}");
    }
}

#[test]
fn evidence_shows_winners_and_losers() {
    let meta = [
        ("articletitle", "溧水区民政局2021年政府信息公开年度报告"),
        ("contentsource", "句容市人民政府"),
        ("pubdate", "2022-01-20 10:00"),
    ];
    let r = resolve(&meta, &["统计期限自2020年1月1日起至2020年12月31日止。"], "2021", "hash");
    assert_eq!(
        (r.year, r.year_evidence, r.region_evidence),
        (Some(2021), Some(EvidenceKind::Title), Some(EvidenceKind::Title))
    );
    let has = |about: &str, value: &str, supports: bool| {
        r.evidence.iter().any(|e| e.about == about && e.value == value && e.supports == supports)
    };
    assert!(has("year", "2021", true) && has("year", "2020", false), "{:#?}", r.evidence);
    assert!(
        has("agency", "溧水区民政局", true) && has("agency", "句容市人民政府", false),
        "{:#?}",
        r.evidence
    );
    assert!(has("place", "320117", true) && has("place", "321183", false), "{:#?}", r.evidence);
    // 2022-01-20 and the days of the period as printed.
    assert_eq!((r.published_on, r.signed_on), (Some(Date(19_012)), None));
    assert_eq!((r.period_start, r.period_end), (Some(Date(18_262)), Some(Date(18_627))));
}

#[test]
fn cards_footers_and_addresses_are_read() {
    let cell =
        |row, col, text: &str| Cell { row, col, rowspan: 1, colspan: 1, text: text.to_owned(), bytes: None };
    let card = Table {
        layout: Layout::Html,
        cells: vec![
            cell(0, 0, "发布机构："),
            cell(0, 1, "靖江市审计局"),
            cell(1, 0, "公开日期"),
            cell(1, 1, "2022-01-17"),
        ],
        rows: 2,
        columns: 2,
    };
    let mut blocks = vec![Block::Table(card), paragraph("2021年政府信息公开工作年度报告", Role::Body)];
    blocks.extend(sections());
    let meta = [("url", "https://www.example.gov.cn/a/b.html")];
    let r = resolver().resolve(&document(&meta, blocks), &parsed("2021"), &Provenance::default(), "x", "h");
    assert_eq!(r.agency_name.as_deref(), Some("靖江市审计局"));
    assert_eq!(r.published_on, Some(Date(19_009)));
    assert_eq!(
        (r.source_host.as_deref(), r.source_trust),
        (Some("www.example.gov.cn"), Some(SourceTrust::Gov))
    );
}

#[test]
fn provenance_wins_over_the_page_and_hosts_are_trusted_by_name() {
    let mut blocks = vec![paragraph("靖江市审计局2021年政府信息公开工作年度报告", Role::Heading)];
    blocks.extend(sections());
    let page = document(&[("url", "https://www.example.gov.cn/a.html")], blocks);
    let provenance = Provenance {
        uri: Some("http://Mirror.example.com:80/a".to_owned()),
        fetched_at: Some(5),
        ..Provenance::default()
    };
    let r = resolver().resolve(&page, &parsed("2021"), &provenance, "x", "h");
    assert_eq!(
        (r.source_host.as_deref(), r.source_trust),
        (Some("mirror.example.com"), Some(SourceTrust::Mirror))
    );
    assert_eq!(r.fetched_at, Some(5));
    let fake = Provenance { host: Some("gov.cn.example.com".to_owned()), ..Provenance::default() };
    assert_eq!(
        resolver().resolve(&page, &parsed("2021"), &fake, "x", "h").source_trust,
        Some(SourceTrust::Mirror)
    );
}

#[test]
fn link_lists_and_bare_titles_are_no_reports() {
    let links: Vec<Block> = (2010..2022)
        .map(|y| paragraph(&format!("句容市教育局{y}年政府信息公开工作年度报告"), Role::Body))
        .collect();
    let of = |blocks| {
        resolver()
            .resolve(&document(&[], blocks), &parsed("narrative"), &Provenance::default(), "x", "h")
            .verdict
    };
    assert_eq!(of(links), Verdict::NotAReport("link_list".to_owned()));
    let bare = vec![paragraph("句容市教育局2021年政府信息公开工作年度报告", Role::Heading)];
    assert_eq!(of(bare), Verdict::NotAReport("no_running_text".to_owned()));
    assert_eq!(of(Vec::new()), Verdict::NotAReport("no_report_title_or_table".to_owned()));
    let page =
        |heading| vec![paragraph(heading, Role::Heading), paragraph("会议强调要做好工作。", Role::Body)];
    assert_eq!(of(page("某市召开会议")), Verdict::NotAReport("news".to_owned()));
    assert_eq!(of(page("某市的会议")), Verdict::NotAReport("no_report_title_or_table".to_owned()));
}

#[test]
fn a_page_of_nothing_but_labels_and_places_ends() {
    let line =
        "来源:甲 主办单位:鼓楼区 统计期限自2021年 0591-87551234 苏ICP备 2021年1月1日 南京市鼓楼区民政局 "
            .repeat(20_000);
    let r = resolve(&[], &[&line, &line], "2021", "hash");
    assert!(r.evidence.len() < 1000, "{}", r.evidence.len());
}

#[test]
fn every_finding_is_explained() {
    for code in ["GK301", "GK302", "GK303", "GK304", "GK305", "GK306"] {
        assert!(Registry::embedded().rule(code).is_some(), "{code}");
    }
}

/// Scraps of what heads of reports are made of, in any order.
fn scraps() -> impl Strategy<Value = String> {
    let words = [
        "鼓楼区",
        "南京市",
        "平潭综合实验区",
        "民政局",
        "人民政府",
        "2021年",
        "二〇二一年",
        "政府信息公开",
        "年度报告",
        "自",
        "至",
        "1月1日",
        "12月31日",
        "统计期限",
        "来源：",
        "主办单位：",
        "网站标识码：",
        "3201060001",
        "苏ICP备",
        "公网安备",
        "发布时间:",
        "0591-87551234",
        "地址：",
        " ",
        "\u{3000}",
        "。",
        "（",
        "）",
        "《",
        "街道办事处",
        "镇",
        "分局",
        "公安局",
        "关于",
        "的通知",
        "20",
        "2",
        "1",
        "年",
        "月",
        "日",
        "-",
        "/",
        "é",
        "\u{1f600}",
        "海关总署",
        "国家税务总局",
        "区",
        "县",
    ];
    prop::collection::vec(prop::sample::select(words.to_vec()), 0..30).prop_map(|w| w.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn no_document_panics_and_places_agree(
        lines in prop::collection::vec(prop_oneof![scraps(), any::<String>()], 0..12),
        meta in prop::collection::vec((prop::sample::select(vec!["title", "articletitle", "pubdate", "来源", "url", "siteidcode"]), prop_oneof![scraps(), any::<String>()]), 0..4),
        form in prop::sample::select(vec!["2021", "2019", "pre2019", "narrative", ""]),
    ) {
        let blocks = lines.iter().map(|l| paragraph(l, Role::Body)).collect();
        let meta: Vec<(&str, &str)> = meta.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let page = document(&meta, blocks);
        let r = resolver().resolve(&page, &parsed(form), &Provenance::default(), "x", "h");
        let again = resolver().resolve(&page, &parsed(form), &Provenance::default(), "x", "h");
        prop_assert_eq!(&r.evidence, &again.evidence);
        let p = &r.place;
        // A county lies in its province, a city too, and a place has a region.
        for code in [&p.city_code, &p.county_code].into_iter().flatten() {
            prop_assert_eq!(p.province_code.as_deref().and_then(|c| c.get(..2)), code.get(..2));
        }
        prop_assert_eq!(p.province_code.is_some(), p.region != "unknown" && p.region != "CN");
        let known = Registry::embedded().kinds.kind(r.agency_kind.as_deref().unwrap_or("government")).is_some();
        prop_assert!(known);
    }
}
