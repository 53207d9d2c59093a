//! Rules over the panel: for each a panel that fires and one that does not, and every cell that must follow from the year
//! before, changed.
#![allow(missing_docs, clippy::unwrap_used)]

use gongkai_audit::panel::{Entry, Found, Unit, check, kinds, strip};
use gongkai_model::{
    CellFact, CellStatus, Finding, Likeness, Number, Parsed, Place, Resolution, Section, Verdict,
};
use gongkai_registry::{Axis, Registry};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// One report of a test's panel.
#[derive(Debug, Clone)]
struct Report {
    agency: u64,
    year: i16,
    level: &'static str,
    kind: &'static str,
    mark: Option<&'static str>,
    title: &'static str,
    county: &'static str,
    figures: BTreeMap<(String, String, String), Option<i64>>,
    sections: Vec<(&'static str, String)>,
}

fn report(agency: u64, year: i16) -> Report {
    Report {
        agency,
        year,
        level: "county",
        kind: "education",
        mark: None,
        title: "报告",
        county: "320113",
        figures: BTreeMap::new(),
        sections: Vec::new(),
    }
}

impl Report {
    fn id(&self) -> u64 {
        self.agency * 10_000 + u64::from(self.year.unsigned_abs())
    }

    fn with(mut self, table: &str, item: &str, column: &str, value: impl Into<Option<i64>>) -> Self {
        self.figures.insert((table.into(), item.into(), column.into()), value.into());
        self
    }

    fn requests(self, item: &str, value: impl Into<Option<i64>>) -> Self {
        self.with("disclosure_requests", item, "total", value)
    }

    fn text(mut self, section: &'static str, text: &str) -> Self {
        self.sections.push((section, text.to_owned()));
        self
    }

    fn strip(&self) -> Box<[u8]> {
        let form = Registry::embedded().forms.iter().find(|f| f.covers(self.year)).unwrap();
        let cell = |((table, item, column), value): (&(String, String, String), &Option<i64>)| CellFact {
            table: table.as_str().into(),
            item: item.as_str().into(),
            column: column.as_str().into(),
            status: if value.is_some() { CellStatus::Number } else { CellStatus::Blank },
            value: value.map(Number::from_integer),
            raw: String::new(),
            label: None,
            source: None,
        };
        let section = |(section, text): &(&str, String)| Section {
            section: (*section).into(),
            heading: String::new(),
            text: text.clone(),
        };
        let parsed = Parsed {
            form: form.code.clone(),
            cells: self.figures.iter().map(cell).collect(),
            sections: self.sections.iter().map(section).collect(),
            ..Parsed::default()
        };
        let place = Place {
            province_code: Some("320000".into()),
            city_code: (self.level != "province").then(|| "320100".into()),
            county_code: matches!(self.level, "county" | "township").then(|| self.county.into()),
            ..Place::default()
        };
        let resolution = Resolution {
            verdict: Verdict::Report,
            report_id: String::new(),
            agency_id: String::new(),
            title: Some(self.title.into()),
            agency_name: Some(format!("第{}局", char::from_u32(0x4e00 + self.agency as u32).unwrap())),
            agency_mark: self.mark.map(Into::into),
            agency_kind: Some(self.kind.into()),
            agency_level: Some(self.level.into()),
            scope: Registry::embedded().scopes.of_title(self.title),
            scope_evidence: None,
            place,
            year: Some(self.year),
            year_evidence: None,
            region_evidence: None,
            published_on: None,
            signed_on: None,
            period_start: None,
            period_end: None,
            source_uri: None,
            source_host: None,
            source_trust: None,
            fetched_at: None,
            evidence: Vec::new(),
            decisions: Vec::new(),
            findings: Vec::new(),
        };
        strip(Registry::embedded(), &parsed, &resolution)
    }
}

/// What is found about each report, by its id.
fn look(reports: &[Report]) -> BTreeMap<u64, Found> {
    let strips: Vec<Box<[u8]>> = reports.iter().map(Report::strip).collect();
    let entries: Vec<Entry<'_>> = reports
        .iter()
        .zip(&strips)
        .map(|(r, strip)| Entry { report: r.id(), agency: r.agency, year: r.year, strip })
        .collect();
    let mut members: BTreeMap<Unit, Vec<u32>> = BTreeMap::new();
    for (row, entry) in (0..).zip(&entries) {
        kinds(Registry::embedded())
            .flat_map(|kind| kind.units(entry))
            .for_each(|unit| members.entry(unit).or_default().push(row));
    }
    let all: Vec<(Unit, Vec<u32>)> = members.into_iter().collect();
    let mut found: BTreeMap<u64, Found> = BTreeMap::new();
    for (_, row, part) in check(Registry::embedded(), &entries, &all).unwrap() {
        let whole = found.entry(entries[row as usize].report).or_default();
        whole.findings.extend(part.findings);
        whole.alike.extend(part.alike);
    }
    found
}

/// Findings as `report code item.column`.
fn codes(reports: &[Report]) -> Vec<String> {
    let part = |p: &Option<std::sync::Arc<str>>| p.as_deref().unwrap_or("-").to_owned();
    let line = |id: u64, f: &Finding| {
        format!("{id} {} {}.{}", f.code, part(&f.address.item), part(&f.address.column))
    };
    look(reports).iter().flat_map(|(id, found)| found.findings.iter().map(|f| line(*id, f))).collect()
}

fn the_finding(reports: &[Report], id: u64) -> Finding {
    let found = look(reports);
    assert_eq!(found[&id].findings.len(), 1, "{found:?}");
    found[&id].findings[0].clone()
}

#[test]
fn what_is_carried_forward_is_carried_over() {
    let last = report(1, 2021).requests("carried_forward", 3);
    let this = report(1, 2022).requests("carried_over", 3);
    assert!(codes(&[last.clone(), this.clone()]).is_empty());
    let wrong = this.clone().requests("carried_over", 5);
    let finding = the_finding(&[last.clone(), wrong], 12022);
    assert_eq!(finding.code, "GK501");
    let message =
        "carried: carried_over of 2022 is 5, but carried_forward of 2021 in report r0000000000002ef5 is 3";
    assert_eq!(finding.message, message);
    assert_eq!((finding.expected.as_deref(), finding.actual.as_deref()), (Some("3"), Some("5")));
    // Also from one form to the next: the lines mean the same.
    let (old, new) =
        (report(1, 2020).requests("carried_forward", 3), report(1, 2021).requests("carried_over", 4));
    assert_eq!(codes(&[old, new]), ["12021 GK501 carried_over.total"]);
    // What is not known is no zero, and what is two years ago is not last year.
    assert!(codes(&[last.clone(), this.clone().requests("carried_over", None)]).is_empty());
    assert!(codes(&[report(1, 2021), this.clone()]).is_empty());
    let after = report(1, 2023).requests("carried_over", 9);
    assert!(codes(&[last.clone(), after]).iter().all(|c| c.contains("GK503")));
    // Another agency; one that nobody can tell from another; one that counts for others.
    assert!(
        codes(&[last.clone(), Report { agency: 2, ..this.clone() }.requests("carried_over", 9)]).is_empty()
    );
    let twin = report(1, 2022).requests("carried_over", 9);
    assert!(codes(&[last.clone(), this.clone(), twin.clone()]).is_empty());
    let (whole, own) = (Report { title: "全县汇总", ..last }, Report { title: "本级", ..twin });
    assert!(codes(&[whole, own]).is_empty());
}

#[test]
fn stocks_roll_on() {
    let stock = |year, issued, abolished, in_force| {
        let with =
            |r: Report, column, value: i64| r.with("proactive_disclosure", "regulations", column, value);
        with(with(with(report(1, year), "issued", issued), "abolished", abolished), "in_force", in_force)
    };
    assert!(codes(&[stock(2021, 9, 9, 10), stock(2022, 3, 1, 12)]).is_empty());
    assert_eq!(
        codes(&[stock(2021, 9, 9, 10), stock(2022, 3, 1, 13)]),
        ["12022 GK502 in_force.in_force"].map(|c| c.replace("in_force.in_force", "regulations.in_force"))
    );
    let items = |year, last: i64, change: i64| {
        let with = |r: Report, column, value: i64| r.with("proactive_disclosure", "fees", column, value);
        with(with(report(1, year), "items_last_year", last), "items_change", change)
    };
    assert!(codes(&[items(2019, 10, -2), items(2020, 8, 5)]).is_empty());
    assert_eq!(codes(&[items(2019, 10, -2), items(2020, 9, 5)]), ["12020 GK502 fees.items_last_year"]);
    // Documents of the old form are other documents.
    assert!(codes(&[items(2020, 10, -2), stock(2021, 3, 1, 13)]).is_empty());
}

#[test]
fn gaps_are_told_once_and_with_their_years() {
    assert!(codes(&[report(1, 2019), report(1, 2020), report(2, 2024)]).is_empty());
    let panel = [report(1, 2019), report(1, 2021), report(1, 2022), report(1, 2024), report(2, 2020)];
    assert_eq!(codes(&panel), ["12021 GK503 -.-", "12024 GK503 -.-"]);
    let finding = the_finding(&[report(1, 2014), report(1, 2019)], 12019);
    assert_eq!(
        finding.message,
        "no report of 2015 to 2018 is here, the one before is of 2014 (r0000000000002eee)"
    );
}

#[test]
fn figures_filed_again_are_told_where_there_are_enough() {
    let filled = |year, items: &[&str], value: i64| {
        items.iter().fold(report(1, year), |r, item| r.requests(item, value))
    };
    let items = [
        "granted",
        "partially_granted",
        "refused.internal",
        "refused.process",
        "refused.inquiry",
        "other.other",
        "new_received",
        "total",
    ];
    let hits = |a: Report, b: Report| codes(&[a, b]).iter().filter(|c| c.contains("GK504")).count();
    assert_eq!(hits(filled(2021, &items, 7), filled(2022, &items, 7)), 1);
    assert_eq!(hits(filled(2021, &items, 7), filled(2022, &items, 8)), 0);
    assert_eq!(hits(filled(2021, &items[1..], 7), filled(2022, &items[1..], 7)), 0, "too few");
    assert_eq!(hits(filled(2021, &items, 0), filled(2022, &items, 0)), 0, "zeros are alike everywhere");
    assert_eq!(hits(filled(2021, &items, 7), filled(2023, &items, 7)), 0, "not the next year");
}

#[test]
fn a_jump_is_far_from_what_is_usual_for_the_agency() {
    let series = |values: &[i64]| -> Vec<Report> {
        (2019..).zip(values).map(|(year, value)| report(1, year).requests("new_received", *value)).collect()
    };
    let jumps = |values: &[i64]| codes(&series(values));
    assert!(jumps(&[98, 120, 97, 130, 110, 140]).is_empty());
    assert_eq!(jumps(&[98, 120, 97, 4_000, 110, 140]), ["12022 GK505 new_received.total"]);
    assert_eq!(jumps(&[980, 1_200, 970, 10, 1_100]), ["12022 GK505 new_received.total"]);
    assert!(jumps(&[98, 120, 4_000, 110]).is_empty(), "four years are too few");
    assert!(jumps(&[1, 0, 2, 1, 40, 1]).is_empty(), "small figures jump easily");
    assert!(jumps(&[1, 20, 300, 4_000, 60_000, 700_000]).is_empty(), "its usual is to jump");
    let finding = the_finding(&series(&[98, 120, 97, 4_000, 110]), 12022);
    assert_eq!(
        finding.message,
        "new_received.total is 4000; in other years 2019: 98, 2020: 120, 2021: 97, 2023: 110"
    );
}

#[test]
fn a_change_is_compared_with_that_of_peers() {
    let panel = |last: i64, this: i64, count: u64| -> Vec<Report> {
        let peer = |agency: u64, year: i16, value: i64| report(agency, year).requests("new_received", value);
        let mut all = vec![peer(1, 2021, 98), peer(1, 2022, 4_000)];
        for agency in 2..=count {
            let some = i64::try_from(agency).unwrap();
            all.extend([peer(agency, 2021, last + some), peer(agency, 2022, this + some)]);
        }
        all
    };
    assert_eq!(codes(&panel(100, 110, 20)), ["12022 GK506 new_received.total"]);
    assert!(codes(&panel(100, 110, 19)).is_empty(), "19 peers are too few");
    assert!(codes(&panel(100, 4_100, 30)).is_empty(), "all rose");
    let mut other = panel(100, 110, 30);
    other[0].kind = "civil_affairs";
    other[1].kind = "civil_affairs";
    assert!(codes(&other).is_empty(), "those are no peers");
}

#[test]
fn a_government_holds_its_bodies() {
    let body =
        |agency, level, value| Report { level, ..report(agency, 2022) }.requests("new_received", value);
    let government = |value| Report { kind: "government", ..body(9, "county", value) };
    let panel = |g: Report| [g, body(1, "county", 25), body(2, "county", 10), body(3, "township", 5)];
    assert!(codes(&panel(government(40))).is_empty());
    assert!(codes(&panel(government(400))).is_empty(), "bodies may be missing");
    let finding = the_finding(&panel(government(12)), 92022);
    assert_eq!((finding.code, finding.address.item.as_deref()), ("GK507", Some("new_received")));
    assert_eq!(
        finding.message,
        "new_received.total is 12, but in 3 reports of its bodies together 40, the most in r0000000000002ef6 (25)"
    );
    assert!(codes(&panel(Report { title: "本级", ..government(12) })).is_empty(), "for itself alone");
    let marked = panel(government(12)).map(|r| Report { mark: (r.agency < 4).then_some("school"), ..r });
    assert!(codes(&marked).is_empty(), "no bodies of its own");
    let elsewhere = panel(government(12))
        .map(|r| Report { county: if r.agency == 9 { "320102" } else { r.county }, ..r });
    assert!(codes(&elsewhere).is_empty(), "another county");
    let twice = [government(12), Report { agency: 8, ..government(40) }, body(1, "county", 99)];
    assert!(codes(&twice).is_empty(), "two governments of one place");
    // A city's own bodies are its departments and the governments of its counties.
    let city = Report { kind: "government", ..body(7, "prefecture", 30) };
    assert_eq!(
        codes(&[city.clone(), government(40), body(1, "county", 25)]),
        ["72022 GK507 new_received.total"]
    );
    assert!(codes(&[Report { ..city }, government(20), body(1, "county", 15)]).is_empty());
}

fn prose(seed: u32, length: u32) -> String {
    let text: String =
        (0..length).filter_map(|n| char::from_u32(0x4e00 + (seed * 7_919 + n * 104_729) % 20_000)).collect();
    text + "。"
}

#[test]
fn texts_that_stay_the_same_or_are_anothers_are_told_with_how_much() {
    let (one, two) = (prose(1, 300), prose(2, 300));
    let last = report(1, 2021).text("overview", &one).text("problems", &two);
    let this = report(1, 2022)
        .text("preamble", "短")
        .text("overview", &format!("{one}，12。"))
        .text("problems", &prose(3, 300));
    let found = look(&[last.clone(), this.clone()]);
    let findings: Vec<_> =
        found[&12022].findings.iter().map(|f| (f.code, f.address.item.as_deref())).collect();
    assert_eq!(findings, [("GK508", Some("overview"))]);
    let hundredths = |n: i64| Some(Number::from_micros(i128::from(n) * 10_000));
    let likeness = |found: &Found, at: u16| -> Likeness {
        found.alike.iter().find(|(section, _)| *section == at).unwrap().1.likeness()
    };
    assert_eq!(likeness(&found[&12022], 1).last_year, hundredths(100));
    assert!(likeness(&found[&12022], 2).last_year < hundredths(20));
    assert!(!found.contains_key(&12021), "there is no other agency");

    // Another agency's name in the text makes no difference; the nearest year counts.
    let name = |agency: u32| format!("第{}局", char::from_u32(0x4e00 + agency).unwrap());
    let a = report(1, 2022).text("problems", &format!("{}{two}", name(1)));
    let b = report(2, 2024).text("problems", &format!("{}{two}", name(2)));
    let c = report(3, 2021).text("problems", &two);
    let other = report(4, 2022).text("problems", &prose(9, 300));
    let found = look(&[a.clone(), b, c, other]);
    assert_eq!(found[&12022].findings[0].code, "GK509");
    assert_eq!(likeness(&found[&12022], 0).other_report, Some(format!("r{:016x}", 32021)));
    assert_eq!(likeness(&found[&32021], 0).other_report, Some(format!("r{:016x}", 12022)));
    assert!(!found.contains_key(&42022));
    // Labels of tables that ran into the text are the form's.
    let labels = |agency| report(agency, 2022).text("requests", &two.replace('。', ""));
    assert!(look(&[labels(1), labels(2)]).is_empty());
    // The same text in another section is another matter, and one's own years are no other agency.
    assert!(look(&[a.clone(), report(2, 2022).text("overview", &two)]).is_empty());
    assert!(look(&[a, report(1, 2024).text("problems", &two)]).values().all(|f| f.alike.is_empty()));
}

#[test]
fn a_text_with_a_sentence_changed_is_still_found_and_half_a_text_is_not() {
    let whole = prose(1, 400);
    let head = |n: usize| whole.chars().take(n).collect::<String>();
    let panel = |kept: usize| {
        let text = format!("{}{}", head(kept), prose(5, 400 - u32::try_from(kept).unwrap()));
        look(&[report(1, 2022).text("overview", &whole), report(2, 2022).text("overview", &text)])
    };
    let found = panel(375);
    assert!(found[&12022].alike[0].1.likeness().other >= Some(Number::from_micros(750_000)), "{found:?}");
    assert_eq!(found[&12022].alike[0].1.other.unwrap().0, found[&22022].alike[0].1.other.unwrap().0);
    assert!(panel(200).is_empty());
}

/// A panel of three agencies in which everything follows.
fn sound() -> Vec<Report> {
    let mut all = Vec::new();
    for agency in 1..=3_u64 {
        let mut before: BTreeMap<(String, String, String), i64> = BTreeMap::new();
        for year in 2018..=2024_i16 {
            let form = Registry::embedded().forms.iter().find(|f| f.covers(year)).unwrap();
            let mut now = before.clone();
            for (n, (table, item, column)) in (1..).zip(&Registry::embedded().panel.cells) {
                let code = (table.to_string(), item.to_string(), column.to_string());
                let exists = form.table(table).is_some_and(|t| {
                    let place = t.item(item).zip(t.column(column));
                    place.is_some_and(|(i, c)| t.columns_of(i).contains(&c))
                });
                if exists {
                    now.insert(code, i64::from(year) % 7 + n + i64::try_from(agency).unwrap());
                } else {
                    now.remove(&code);
                }
            }
            for table in &form.tables {
                for line in table.between.iter().flat_map(|b| b.lines(table)) {
                    let key =
                        |c: &gongkai_registry::CellCode| (c.0.to_string(), c.1.to_string(), c.2.to_string());
                    let last: Option<i64> = line.last.iter().map(|c| before.get(&key(c)).copied()).sum();
                    let right: i64 = line.right.iter().map(|c| now[&key(c)]).sum();
                    let rest: i64 = line.left.iter().skip(1).map(|c| now[&key(c)]).sum();
                    if let Some(last) = last {
                        now.insert(key(&line.left[0]), last + right - rest);
                    }
                }
            }
            let figures = now.iter().map(|(code, value)| (code.clone(), Some(*value))).collect();
            all.push(Report { figures, ..report(agency, year) });
            before = now;
        }
    }
    all
}

#[test]
fn every_cell_that_must_follow_from_the_year_before_is_watched() {
    let panel = sound();
    let quiet = |c: &String| !c.contains("GK501") && !c.contains("GK502");
    assert!(codes(&panel).iter().all(quiet), "{:?}", codes(&panel));
    let mut changed = 0;
    // The middle agency, all years; the others stay as they are and silent.
    for at in 7..14 {
        let report = &panel[at];
        for (code, value) in &report.figures {
            let named = |found: &BTreeMap<u64, Found>| -> bool {
                let own = (report.id(), report.year);
                let id = format!("r{:016x}", own.0);
                let tells = |reporter: &u64, f: &Finding| {
                    let here = *reporter == own.0 && f.message.contains(&format!(" of {} is ", own.1));
                    let before = f.message.contains(&id);
                    let (item, column) = (f.address.item.as_deref(), f.address.column.as_deref());
                    let term = |line: &str, term: &str| {
                        Some(line) == column && f.message.contains(term)
                            || Some(line) == item && f.message.contains(term)
                    };
                    matches!(f.code, "GK501" | "GK502")
                        && (here || before)
                        && f.address.table.as_deref() == Some(&code.0)
                        && (term(&code.1, &code.2) || term(&code.2, &code.1))
                };
                found.iter().any(|(id, found)| found.findings.iter().any(|f| tells(id, f)))
            };
            let mut wrong = panel.clone();
            wrong[at].figures.insert(code.clone(), Some(value.unwrap() + 1));
            if stands_between(&panel, at, code) {
                changed += 1;
                let found = look(&wrong);
                assert!(named(&found), "{} {code:?}: {found:?}", report.year);
                assert!(found.keys().all(|id| id / 10_000 == 2
                    || found[id].findings.iter().all(|f| !matches!(f.code, "GK501" | "GK502"))));
            }
        }
    }
    // Seven columns in both of two neighbouring years; four cells of two kinds; two of five items.
    let carried = 7 * (6 - 1) * 2;
    // 2021 has no year before it with such documents: only its stock counts.
    let documents = 2 * (1 + 2 * 3 + 3);
    let items = 5 * (2 + 1);
    assert_eq!(changed, carried + documents + items);
}

/// Whether a cell is a term of a line whose figures are all known.
fn stands_between(panel: &[Report], at: usize, code: &(String, String, String)) -> bool {
    let of = |agency: u64, year: i16| panel.iter().find(|r| r.agency == agency && r.year == year);
    let report = &panel[at];
    [report.year, report.year + 1].into_iter().any(|year| {
        let (Some(this), Some(last)) = (of(report.agency, year), of(report.agency, year - 1)) else {
            return false;
        };
        let form = Registry::embedded().forms.iter().find(|f| f.covers(year)).unwrap();
        let mut lines = form.tables.iter().flat_map(|t| t.between.iter().flat_map(move |b| b.lines(t)));
        lines.any(|line| {
            let key = |c: &gongkai_registry::CellCode| (c.0.to_string(), c.1.to_string(), c.2.to_string());
            let own: Vec<_> = line.left.iter().chain(&line.right).map(key).collect();
            let before: Vec<_> = line.last.iter().map(key).collect();
            let known = own.iter().all(|c| this.figures.contains_key(c))
                && before.iter().all(|c| last.figures.contains_key(c));
            known && if year == report.year { own.contains(code) } else { before.contains(code) }
        })
    })
}

#[test]
fn between_lines_run_along_the_axis_the_form_says() {
    let form = Registry::embedded().form("2021").unwrap();
    let between = &form.table("disclosure_requests").unwrap().between[0];
    assert_eq!(between.axis, Axis::Column);
}

/// Some reports with little room, so that they have much in common.
fn crowd() -> impl Strategy<Value = Vec<Report>> {
    let one = (1..5_u64, 2019..2025_i16, 0..3_i64, 0..4_u32, any::<bool>()).prop_map(
        |(agency, year, n, text, government)| {
            let kind = if government { "government" } else { "education" };
            Report { kind, ..report(agency, year) }
                .requests("new_received", n * 500)
                .requests("carried_over", n)
                .requests("carried_forward", n)
                .text("overview", &prose(text, 160))
        },
    );
    prop::collection::vec(one, 0..24)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// What is remembered of a unit is what comes out with all others beside it.
    #[test]
    fn a_unit_is_judged_by_itself(reports in crowd(), order in any::<u64>()) {
        let all = look(&reports);
        let mut shuffled = reports.clone();
        shuffled.sort_by_key(|r| (r.id() ^ order).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let distinct: std::collections::BTreeSet<u64> = reports.iter().map(Report::id).collect();
        // Two reports of one id have no order of their own.
        if distinct.len() == reports.len() {
            prop_assert!(all == look(&shuffled), "the order of reports makes a difference");
        }
        let strips: Vec<Box<[u8]>> = reports.iter().map(Report::strip).collect();
        let entries: Vec<Entry<'_>> = reports.iter().zip(&strips)
            .map(|(r, strip)| Entry { report: r.id(), agency: r.agency, year: r.year, strip })
            .collect();
        let mut members: BTreeMap<Unit, Vec<u32>> = BTreeMap::new();
        for (row, entry) in (0..).zip(&entries) {
            kinds(Registry::embedded()).flat_map(|kind| kind.units(entry)).for_each(|unit| members.entry(unit).or_default().push(row));
        }
        let whole: Vec<(Unit, Vec<u32>)> = members.into_iter().collect();
        let together = check(Registry::embedded(), &entries, &whole).unwrap();
        let mut apart = Vec::new();
        for (at, unit) in whole.iter().enumerate() {
            let alone = check(Registry::embedded(), &entries, std::slice::from_ref(unit)).unwrap();
            apart.extend(alone.into_iter().map(|(_, row, found)| (at, row, found)));
        }
        prop_assert_eq!(together, apart);
    }
}
