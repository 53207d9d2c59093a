//! Which copy speaks: the same whatever the order of the captures.

use gongkai_model::{Fingerprint, Number, ReportKey, Scope, SourceTrust};
use gongkai_resolve::{Choice, Copies, Figures, choose_copies};
use proptest::prelude::*;

/// The same figures everywhere, or those of the captures named.
#[derive(Default)]
struct Given(Vec<(usize, i64)>);

impl Figures for Given {
    fn figures(&self, capture: usize) -> Vec<(String, Number)> {
        let given = self.0.iter().find(|(c, _)| *c == capture);
        (0..20_i64)
            .map(|i| {
                (format!("requests.item{i:02}.total"), Number::from_integer(i * given.map_or(1, |g| g.1)))
            })
            .collect()
    }
}

fn choose(keys: &[ReportKey]) -> Copies {
    choose_copies(keys, &Given::default())
}

fn key(
    capture: usize,
    report: Option<&str>,
    hash: &str,
    trust: SourceTrust,
    cells_read: u32,
    doubts: u32,
) -> ReportKey {
    ReportKey {
        capture,
        container: format!("{capture:03}.html").into(),
        report_id: report.map(str::to_owned),
        agency_id: None,
        scope: Scope::Unknown,
        resolved: true,
        agency_name: Some("某县民政局".to_owned()),
        agency: Some("/civil_affairs".to_owned()),
        function: Some("民政局".to_owned()),
        year: Some(2021),
        uri: None,
        fingerprint: Fingerprint::default(),
        content_hash: hash.to_owned(),
        trust,
        cells_read,
        doubts,
        fetched_at: None,
        gone: false,
    }
}

#[test]
fn same_bytes_are_duplicates_of_the_first_path_report_or_not() {
    use SourceTrust::Unknown;
    let keys = [
        key(3, Some("r1"), "h1", Unknown, 10, 0),
        key(1, Some("r1"), "h1", Unknown, 10, 0),
        key(2, None, "h2", Unknown, 0, 0),
        key(4, None, "h2", Unknown, 0, 0),
    ];
    let duplicate = |of| Choice::Duplicate { of, reason: "same_bytes".to_owned() };
    assert_eq!(
        choose(&keys).choices,
        [duplicate(1), Choice::Speaks { copies: 2 }, Choice::NotAReport, duplicate(2)]
    );
}

#[test]
fn trust_then_completeness_then_doubts_then_fetch_then_hash() {
    use SourceTrust::{Gov, Mirror, Unknown};
    let reason = |a: ReportKey, b: ReportKey| match &choose(&[a, b]).choices[..] {
        [Choice::Speaks { copies: 2 }, Choice::Superseded { by: 0, reason }] => reason.clone(),
        other => panic!("{other:?}"),
    };
    let plain = |hash: &str, trust, cells, doubts| key(0, Some("r"), hash, trust, cells, doubts);
    assert_eq!(reason(plain("b", Gov, 1, 9), plain("a", Unknown, 200, 0)), "more_trusted_host: other_text");
    assert_eq!(
        reason(plain("b", Unknown, 1, 9), plain("a", Mirror, 200, 0)),
        "more_trusted_host: other_text"
    );
    assert_eq!(reason(plain("b", Gov, 200, 9), plain("a", Gov, 100, 0)), "more_cells_read: other_text");
    assert_eq!(reason(plain("b", Gov, 200, 1), plain("a", Gov, 200, 2)), "fewer_doubts: other_text");
    let late = ReportKey { fetched_at: Some(2), ..plain("b", Gov, 200, 1) };
    assert_eq!(
        reason(late, ReportKey { fetched_at: Some(1), ..plain("a", Gov, 200, 1) }),
        "later_fetch: other_text"
    );
    assert_eq!(reason(plain("a", Gov, 200, 1), plain("b", Gov, 200, 1)), "tie: other_text");
}

fn keys() -> impl Strategy<Value = Vec<ReportKey>> {
    let one = (0..3_u8, prop::option::of(0..3_u8), 0..3_u32, 0..2_u32, prop::option::of(0..2_i64), 0..6_u8);
    prop::collection::vec(one, 0..12).prop_map(|list| {
        let keys = list.into_iter().enumerate().map(|(i, (trust, report, cells, doubts, fetched, hash))| {
            let trust = [SourceTrust::Gov, SourceTrust::Unknown, SourceTrust::Mirror][usize::from(trust)];
            let report = report.map(|r| format!("r{r}"));
            let mut key = key(i, report.as_deref(), &format!("h{hash}"), trust, cells, doubts);
            key.fetched_at = fetched;
            key
        });
        let mut keys: Vec<ReportKey> = keys.collect();
        // The same bytes give the same report.
        for i in 0..keys.len() {
            if let Some(first) = keys[..i].iter().find(|k| k.content_hash == keys[i].content_hash).cloned() {
                keys[i].report_id = first.report_id;
            }
        }
        keys
    })
}

proptest! {
    #[test]
    fn the_order_of_the_keys_does_not_matter(keys in keys(), seed in any::<u64>()) {
        let mut order: Vec<usize> = (0..keys.len()).collect();
        let mut state = seed | 1;
        for i in (1..order.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            order.swap(i, usize::try_from(state >> 33).unwrap() % (i + 1));
        }
        let shuffled: Vec<ReportKey> = order.iter().map(|i| keys[*i].clone()).collect();
        let capture = |choice: &Choice, keys: &[ReportKey]| match choice {
            Choice::Speaks { copies } => ("speaks".to_owned(), *copies as usize),
            Choice::Duplicate { of, reason } => (reason.clone(), keys[*of].capture),
            Choice::Superseded { by, reason } => (reason.clone(), keys[*by].capture),
            Choice::NotAReport => ("no report".to_owned(), 0),
        };
        let plain = choose(&keys).choices;
        let mixed = choose(&shuffled).choices;
        for (at, from) in order.iter().enumerate() {
            prop_assert_eq!(capture(&mixed[at], &shuffled), capture(&plain[*from], &keys));
        }
    }

    #[test]
    fn every_report_has_exactly_one_voice(keys in keys()) {
        let choices = choose(&keys).choices;
        let mut ids: Vec<&str> = keys.iter().filter_map(|k| k.report_id.as_deref()).collect();
        ids.sort_unstable();
        ids.dedup();
        for id in ids {
            let of_report = || keys.iter().zip(&choices).filter(|(k, _)| k.report_id.as_deref() == Some(id));
            let speaks: Vec<u32> =
                of_report().filter_map(|(_, c)| if let Choice::Speaks { copies } = c { Some(*copies) } else { None }).collect();
            prop_assert_eq!(speaks.len(), 1);
            prop_assert_eq!(speaks[0] as usize, of_report().count());
        }
    }
}

/// A report with its text and figures.
fn report(capture: usize, id: &str, name: &str, text: &str) -> ReportKey {
    let hash = format!("h{capture}");
    let fingerprint = Fingerprint { text: Some(text.to_owned()), sketch: Vec::new(), figures: None };
    let names = (Some(name.to_owned()), Some(name.chars().skip(2).collect()));
    let key = key(capture, Some(id), &hash, SourceTrust::Gov, 175, 0);
    ReportKey { fingerprint, agency_name: names.0, function: names.1, ..key }
}

#[test]
fn an_open_copy_joins_the_report_with_its_text_and_agency_and_no_other() {
    let known = report(0, "r1", "南京市鼓楼区民政局", "t1");
    let open = |name: &str, text: &str, year| ReportKey {
        resolved: false,
        year,
        trust: SourceTrust::Mirror,
        ..report(1, "r2", name, text)
    };
    let id = |open: ReportKey| choose(&[known.clone(), open]).report_ids[1].clone().unwrap();
    assert_eq!(id(open("鼓楼区民政局", "t1", Some(2021))), "r1");
    assert_eq!(id(open("鼓楼区民政局", "t1", None)), "r1");
    assert_eq!(id(open("鼓楼区民政局", "t1", Some(2020))), "r2");
    assert_eq!(id(open("鼓楼区民政局", "t2", Some(2021))), "r2");
    assert_eq!(id(open("西湖区民政局", "t1", Some(2021))), "r2");
    // Two reports with one text: whose copy it is cannot be said.
    let twin = report(2, "r3", "徐州市鼓楼区民政局", "t1");
    let all = choose(&[known.clone(), open("鼓楼区民政局", "t1", None), twin]);
    assert_eq!(all.report_ids[1].as_deref(), Some("r2"));
    // Nearly the same text, and the same telling figures.
    let with = |key: ReportKey, last: u32| {
        let sketch = (0..9).chain([last]).collect();
        ReportKey { fingerprint: Fingerprint { text: None, sketch, figures: Some(7) }, ..key }
    };
    let near = choose(&[with(known.clone(), 20), with(open("鼓楼区民政局", "-", None), 30)]);
    assert_eq!(near.report_ids[1].as_deref(), Some("r1"));
    assert!(
        matches!(&near.choices[1], Choice::Superseded { by: 0, reason } if reason.ends_with(": near_copy"))
    );
}

#[test]
fn another_body_of_the_kind_does_not_vanish() {
    let (a, b) = (report(0, "r1", "某县商务局", "t1"), report(1, "r1", "某县粮食流通局", "t2"));
    let differ = Given(vec![(1, 3)]);
    let apart = choose_copies(&[a.clone(), b.clone()], &differ);
    assert!(apart.choices.iter().all(|c| matches!(c, Choice::Speaks { copies: 1 })), "{apart:?}");
    assert_ne!(apart.report_ids[0], apart.report_ids[1]);
    assert_eq!(apart.findings.iter().map(|(_, f)| f.code).collect::<Vec<_>>(), ["GK308"]);
    let mixed = choose_copies(&[b.clone(), a.clone()], &Given(vec![(0, 3)]));
    assert_eq!((&mixed.report_ids[1], &mixed.report_ids[0]), (&apart.report_ids[0], &apart.report_ids[1]));
    // The same figures, or one name short for the other: one body.
    assert_eq!(choose(&[a, b]).report_ids, [Some("r1".to_owned()), Some("r1".to_owned())]);
    let (long, short) = (report(0, "r1", "某县发展和改革局", "t1"), report(1, "r1", "某县发改委", "t2"));
    let one = choose_copies(&[long, short], &differ);
    assert_eq!(one.report_ids, [Some("r1".to_owned()), Some("r1".to_owned())]);
}

#[test]
fn copies_that_disagree_on_figures_are_a_finding_of_the_one_that_speaks() {
    let speaks = report(0, "r1", "某县民政局", "t1");
    let page = Some("https://www.example.gov.cn/a.html".to_owned());
    let mirror = ReportKey { trust: SourceTrust::Mirror, ..report(1, "r1", "某县民政局", "t1") };
    let found = choose_copies(&[speaks.clone(), mirror.clone()], &Given(vec![(1, 2)]));
    let [(0, finding)] = found.findings.as_slice() else { panic!("{found:?}") };
    assert_eq!(finding.code, "GK307");
    assert!(
        finding.message.contains("19 of them in 001.html: requests.item01.total 1, there 2;"),
        "{}",
        finding.message
    );
    let reason = |copies: &Copies| match &copies.choices[1] {
        Choice::Superseded { by: 0, reason } => reason.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(reason(&found), "more_trusted_host: other_text");
    let same = choose(&[speaks.clone(), mirror]);
    assert_eq!(
        (reason(&same).as_str(), &same.findings, &same.texts),
        ("more_trusted_host: same_text", &vec![], &vec![0, 0])
    );
    // The page was changed: what it said before stays on record.
    let now = ReportKey { uri: page.clone(), fetched_at: Some(9), ..speaks };
    let before = ReportKey { uri: page, fetched_at: Some(1), ..report(1, "r1", "某县民政局", "t0") };
    let revised = choose_copies(&[now, before], &Given(vec![(1, 2)]));
    assert_eq!((reason(&revised).as_str(), revised.texts.as_slice()), ("later_fetch: revision", &[0, 1][..]));
}

#[test]
fn what_is_gone_never_speaks_before_what_is_there() {
    use SourceTrust::{Gov, Mirror};
    let gone = |key: ReportKey| ReportKey { gone: true, ..key };
    let better = gone(key(1, Some("r1"), "h1", Gov, 200, 0));
    let copies = choose(&[better.clone(), key(2, Some("r1"), "h2", Mirror, 10, 3)]);
    assert_eq!(copies.choices[1], Choice::Speaks { copies: 2 });
    let Choice::Superseded { by: 1, reason } = &copies.choices[0] else { panic!("{copies:?}") };
    assert_eq!(reason, "still_there: other_text");
    // Of the same bytes what is there is the one, whatever the paths.
    let copies = choose(&[better.clone(), key(2, Some("r1"), "h1", Gov, 200, 0)]);
    assert_eq!(copies.choices[1], Choice::Speaks { copies: 2 });
    assert!(matches!(copies.choices[0], Choice::Duplicate { of: 1, .. }));
    // Where all are gone, all is as it was.
    let copies = choose(&[better, gone(key(2, Some("r1"), "h2", Mirror, 10, 3))]);
    assert_eq!(copies.choices[0], Choice::Speaks { copies: 2 });
}
