//! A small country over six years through the binary: what was planted is found where it was planted, and nothing else.
#![allow(clippy::unwrap_used)]

use gongkai_generator::{Country, Filing, Mistake, country};
use gongkai_store::{Row, RowQuery, Snapshot, Store};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Agencies of some provinces, and of counties with their governments.
fn filings(mistakes: u32) -> Vec<Filing> {
    let all = country(Country { reports: 1_140, seed: 11, mistakes });
    all.enumerate().filter(|(n, _)| *n < 120 || *n >= 900).map(|(_, filing)| filing).collect()
}

fn ingest(filings: &[Filing], root: &Path) -> Snapshot {
    let (crawl, store) = (root.join("crawl"), root.join("store"));
    for filing in filings {
        if let Some(printed) = &filing.printed {
            let folder = crawl.join(&filing.folder);
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join(&printed.name), &printed.bytes).unwrap();
        }
    }
    let arguments = ["ingest", crawl.to_str().unwrap(), "--store", store.to_str().unwrap()];
    let run = Command::new(env!("CARGO_BIN_EXE_gongkai")).args(arguments).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let check = Command::new(env!("CARGO_BIN_EXE_gongkai"))
        .args(["check", store.to_str().unwrap()])
        .output()
        .unwrap();
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stdout));
    Store::open(&store).unwrap().current().unwrap().unwrap()
}

fn rows(snapshot: &Snapshot, table: &str) -> Vec<Row> {
    snapshot.rows(&RowQuery { table, ..RowQuery::default() }).unwrap()
}

/// Codes of panel findings by agency and year.
fn found(snapshot: &Snapshot) -> BTreeMap<(String, i16), BTreeSet<String>> {
    let reports = rows(snapshot, "reports");
    let names: BTreeMap<&str, (&str, i16)> = reports
        .iter()
        .map(|r| (r.text("report_id").unwrap(), (r.text("agency_name").unwrap(), r.year)))
        .collect();
    let mut found: BTreeMap<(String, i16), BTreeSet<String>> = BTreeMap::new();
    for row in rows(snapshot, "findings") {
        let code = row.text("code").unwrap();
        if code.starts_with("GK5") {
            let (name, year) = names[row.text("report_id").unwrap()];
            found.entry((name.to_owned(), year)).or_default().insert(code.to_owned());
        }
    }
    found
}

#[test]
fn a_country_in_which_all_is_well_has_no_finding_between_its_reports() {
    let dir = tempfile::tempdir().unwrap();
    let filings = filings(0);
    let snapshot = ingest(&filings, dir.path());
    let reports = rows(&snapshot, "reports");
    assert_eq!(reports.len(), filings.len());
    assert_eq!(found(&snapshot), BTreeMap::new());
    // The generator's sentences differ from year to year and from agency to agency.
    let narratives = rows(&snapshot, "narratives");
    let last = narratives.iter().filter(|r| r.number("similar_last_year").is_some()).count();
    assert!(last > filings.len() / 2, "{last} sections with a year before");
    assert!(narratives.iter().all(|r| r.text("similar_report_id").is_none()));
}

#[test]
fn what_was_planted_is_found_where_it_was_planted() {
    let dir = tempfile::tempdir().unwrap();
    let filings = filings(120);
    let snapshot = ingest(&filings, dir.path());
    let found = found(&snapshot);
    let at =
        |filing: &Filing, year: i16| found.get(&(filing.agency.clone(), year)).cloned().unwrap_or_default();
    let of = |filing: &Filing, year: i16| {
        filings.iter().find(|f| f.agency == filing.agency && f.year == year).and_then(|f| f.mistake)
    };
    let mut seen: BTreeMap<Mistake, (u32, u32)> = BTreeMap::new();
    for filing in &filings {
        let Some(mistake) = filing.mistake else { continue };
        let (year, code) = match mistake {
            Mistake::CarriedOver => (filing.year, "GK501"),
            Mistake::InForce | Mistake::Items => (filing.year, "GK502"),
            Mistake::Missing => (filing.year + 1, "GK503"),
            Mistake::SameFigures => (filing.year, "GK504"),
            Mistake::Jump => (filing.year, "GK505"),
            Mistake::WithoutBodies => (filing.year, "GK507"),
            Mistake::SameText => (filing.year, "GK508"),
            Mistake::TextOfAnother => (filing.year, "GK509"),
            Mistake::WrongTotal | Mistake::Damaged => continue,
        };
        let neighbours = [of(filing, filing.year - 1), of(filing, filing.year + 1)];
        let gone = |m: &Option<Mistake>| matches!(m, Some(Mistake::Missing | Mistake::Damaged));
        let (hit, all) = seen.entry(mistake).or_default();
        // Beside a year that is missing or lost a table, it does not show.
        if !neighbours.iter().any(gone) {
            *all += 1;
            *hit += u32::from(at(filing, year).contains(code));
        }
    }
    // Jumps show only where the figure is large and most years are sound; the rest always.
    for (mistake, (hit, all)) in &seen {
        let floor = if matches!(mistake, Mistake::Jump | Mistake::SameFigures | Mistake::WithoutBodies) {
            all * 6 / 10
        } else {
            *all
        };
        assert!(*hit >= floor, "{mistake:?}: {hit} of {all}; {seen:?}");
    }
    assert!(seen.len() >= 7, "{seen:?}");

    // The findings count in their reports.
    let reports = rows(&snapshot, "reports");
    let findings = rows(&snapshot, "findings");
    for report in &reports {
        let own = |severity: &str| {
            let is = |r: &&Row| {
                r.text("report_id") == report.text("report_id") && r.text("severity") == Some(severity)
            };
            i64::try_from(findings.iter().filter(is).count()).unwrap()
        };
        assert_eq!(report.integer("findings_error"), Some(own("error")), "{:?}", report.text("title"));
        assert_eq!(report.integer("findings_warning"), Some(own("warning")), "{:?}", report.text("title"));
    }
    // Where nothing was planted in an agency or its place, nothing is found.
    let place = |f: &Filing| f.folder.split('/').next().unwrap().to_owned();
    let troubled: BTreeSet<String> = filings.iter().filter(|f| f.mistake.is_some()).map(place).collect();
    let calm = filings.iter().filter(|f| !troubled.contains(&place(f)));
    assert_eq!(calm.flat_map(|f| at(f, f.year)).collect::<Vec<_>>(), Vec::<String>::new());
    let copied =
        rows(&snapshot, "narratives").iter().filter(|r| r.text("similar_report_id").is_some()).count();
    assert!(copied > 0);
}
