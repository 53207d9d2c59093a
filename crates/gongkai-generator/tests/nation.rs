//! A country that looks like life does, and what is told beside it is so.
#![allow(clippy::unwrap_used)]

use gongkai_generator::{Certainty, Filing, Mistake, TrueCell, nation};
use gongkai_model::Scope;
use std::collections::{BTreeMap, BTreeSet};

/// 2019 to 2024.
const YEARS: usize = 6;

fn figure(filing: &Filing, item: &str) -> Option<i64> {
    let truth = &filing.printed.as_ref()?.truth;
    let is = |c: &&TrueCell| {
        (c.table.as_ref(), c.item.as_ref(), c.column.as_ref()) == ("disclosure_requests", item, "total")
    };
    match truth.cells.iter().find(is)?.certainty {
        Certainty::Certain(number) | Certainty::Open(Some(number)) => number.as_integer(),
        // Zeros may be blank.
        _ => Some(0),
    }
}

#[test]
fn most_have_little_to_report_and_a_few_have_much() {
    let filings: Vec<Filing> = nation(2_000, 5).collect();
    assert!(filings == nation(2_000, 5).collect::<Vec<_>>(), "the same seed gives the same country");
    let printed: Vec<&Filing> = filings.iter().filter(|f| f.printed.is_some()).collect();
    assert_eq!(printed.len(), 2_000);
    let provinces: BTreeSet<&str> = printed.iter().filter_map(|f| f.folder.get(5..7)).collect();
    assert_eq!(provinces.len(), 31);
    let townships =
        printed.iter().filter(|f| f.agency.ends_with("街道办事处") || f.agency.ends_with("镇人民政府"));
    assert!(townships.count() > 200);
    let mut bodies: Vec<i64> =
        printed.iter().filter(|f| !f.holds_bodies).filter_map(|f| figure(f, "new_received")).collect();
    bodies.sort_unstable();
    let at = |thousandth: usize| bodies[bodies.len() * thousandth / 1_000];
    assert!(at(500) <= 5 && at(900) <= 60 && at(999) > 200, "{} {} {}", at(500), at(900), at(999));
    for filing in &printed {
        let truth = &filing.printed.as_ref().unwrap().truth;
        let wrong = filing.mistake == Some(Mistake::WrongTotal);
        assert!(wrong || truth.broken_identities.is_empty(), "{} {}", filing.agency, filing.year);
    }
}

#[test]
fn some_miss_years_and_what_is_left_over_mostly_comes_back() {
    let filings: Vec<Filing> = nation(2_000, 6).collect();
    let mut of: BTreeMap<(&str, Scope), BTreeMap<i16, &Filing>> = BTreeMap::new();
    for filing in &filings {
        of.entry((&filing.folder, filing.scope)).or_default().insert(filing.year, filing);
    }
    let whole: Vec<_> = of.values().filter(|years| years.len() == YEARS).collect();
    let present = |years: &BTreeMap<i16, &Filing>| years.values().filter(|f| f.printed.is_some()).count();
    let (never, gaps) = (
        whole.iter().filter(|y| present(y) == 0).count(),
        whole.iter().filter(|y| (1..YEARS).contains(&present(y))).count(),
    );
    assert!(never > 3 && gaps > 25 && gaps < whole.len() / 2, "{never} {gaps} of {}", whole.len());
    let (mut same, mut other) = (0, 0);
    for years in of.values() {
        for (year, filing) in years {
            let Some(before) = years.get(&(year - 1)) else { continue };
            if let (Some(left), Some(over)) =
                (figure(before, "carried_forward"), figure(filing, "carried_over"))
            {
                let planted = [before.mistake, filing.mistake].iter().any(Option::is_some);
                assert!(planted || left == over, "{} {year}", filing.agency);
                same += usize::from(left == over);
                other += usize::from(left != over);
            }
        }
    }
    assert!(other > 2 && same > 20 * other, "{same} {other}");
}

#[test]
fn governments_hold_their_bodies_where_they_say_so_and_often_where_they_do_not() {
    let filings: Vec<Filing> = nation(3_000, 7).collect();
    let mut bodies: BTreeMap<(&str, i16), i64> = BTreeMap::new();
    let governments = filings.iter().filter(|f| f.folder.ends_with("/0"));
    for filing in filings.iter().filter(|f| !f.folder.ends_with("/0")) {
        let place = filing.folder.split('/').next().unwrap();
        *bodies.entry((place, filing.year)).or_default() += figure(filing, "new_received").unwrap_or(0);
    }
    let mut said = BTreeMap::new();
    for filing in governments.filter(|f| f.printed.is_some() && f.mistake.is_none()) {
        *said.entry((filing.scope, filing.holds_bodies)).or_insert(0) += 1;
        let below = bodies.get(&(filing.folder.split('/').next().unwrap(), filing.year)).copied();
        // Bodies that did not publish are in it, too.
        if filing.holds_bodies {
            assert!(figure(filing, "new_received") >= below, "{} {}", filing.agency, filing.year);
        }
    }
    use Scope::*;
    for kind in [(Unknown, true), (Unknown, false), (Whole, true), (Own, false)] {
        assert!(said.get(&kind).is_some_and(|n| *n > 10), "{said:?}");
    }
    assert_eq!(said.len(), 4, "what is said is so");
}
