//! Which copy speaks: the same whatever the order of the captures.

use gongkai_model::{ReportKey, SourceTrust};
use gongkai_resolve::{Choice, choose_copies};
use proptest::prelude::*;

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
        content_hash: hash.to_owned(),
        trust,
        cells_read,
        doubts,
        fetched_at: None,
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
        choose_copies(&keys),
        [duplicate(1), Choice::Speaks { copies: 2 }, Choice::NotAReport, duplicate(2)]
    );
}

#[test]
fn trust_then_completeness_then_doubts_then_fetch_then_hash() {
    use SourceTrust::{Gov, Mirror, Unknown};
    let reason = |a: ReportKey, b: ReportKey| match &choose_copies(&[a, b])[..] {
        [Choice::Speaks { copies: 2 }, Choice::Superseded { by: 0, reason }] => reason.clone(),
        other => panic!("{other:?}"),
    };
    let plain = |hash: &str, trust, cells, doubts| key(0, Some("r"), hash, trust, cells, doubts);
    assert_eq!(reason(plain("b", Gov, 1, 9), plain("a", Unknown, 200, 0)), "more_trusted_host");
    assert_eq!(reason(plain("b", Unknown, 1, 9), plain("a", Mirror, 200, 0)), "more_trusted_host");
    assert_eq!(reason(plain("b", Gov, 200, 9), plain("a", Gov, 100, 0)), "more_cells_read");
    assert_eq!(reason(plain("b", Gov, 200, 1), plain("a", Gov, 200, 2)), "fewer_doubts");
    let late = ReportKey { fetched_at: Some(2), ..plain("b", Gov, 200, 1) };
    assert_eq!(reason(late, ReportKey { fetched_at: Some(1), ..plain("a", Gov, 200, 1) }), "later_fetch");
    assert_eq!(reason(plain("a", Gov, 200, 1), plain("b", Gov, 200, 1)), "tie");
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
        let plain = choose_copies(&keys);
        let mixed = choose_copies(&shuffled);
        for (at, from) in order.iter().enumerate() {
            prop_assert_eq!(capture(&mixed[at], &shuffled), capture(&plain[*from], &keys));
        }
    }

    #[test]
    fn every_report_has_exactly_one_voice(keys in keys()) {
        let choices = choose_copies(&keys);
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
