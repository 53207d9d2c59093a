//! Dimension tables: what codes mean, which agencies there are, and the divisions. Codes and divisions follow from the registry
//! alone, agencies from the reports of the snapshot that is being made, once their files are written.

use crate::error::StoreError;
use crate::partition::PartitionKey;
use crate::read::RowQuery;
use crate::store::Snapshot;
use gongkai_model::{CaptureStatus, CellStatus, Scope, Severity};
use gongkai_registry::{Division, Form, Level, Registry};
use std::collections::{BTreeMap, BTreeSet};

/// Names of the tables.
pub(crate) const CODES: &str = "codes";
/// See above.
pub(crate) const AGENCIES: &str = "agencies";
/// See above.
pub(crate) const DIVISIONS: &str = "divisions";

/// A code of a column.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Code {
    pub(crate) table: String,
    pub(crate) column: &'static str,
    pub(crate) code: String,
    pub(crate) zh: String,
    pub(crate) en: String,
    pub(crate) group: Option<String>,
    pub(crate) position: i64,
    pub(crate) first_year: Option<i16>,
    pub(crate) last_year: Option<i16>,
    pub(crate) clause: Option<String>,
}

/// An agency through the years.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Agency {
    pub(crate) id: String,
    pub(crate) name: Option<String>,
    pub(crate) names: String,
    pub(crate) kind: Option<String>,
    pub(crate) mark: Option<String>,
    pub(crate) level: Option<String>,
    pub(crate) unit: Option<String>,
    pub(crate) first_year: Option<i16>,
    pub(crate) last_year: Option<i16>,
    pub(crate) reports: i64,
    pub(crate) present: String,
    pub(crate) missing: String,
}

/// All codes, table by table as the registry has them.
pub(crate) fn codes(registry: &Registry) -> Vec<Code> {
    let mut codes: Vec<Code> = Vec::new();
    let mut add = |mut code: Code| {
        let before = codes.iter().filter(|c| c.table == code.table && c.column == code.column).count();
        code.position = i64::try_from(before).map_or(0, |n| n + 1);
        codes.push(code);
    };
    for form in &registry.forms {
        add(Code {
            table: "reports".to_owned(),
            column: "form",
            code: form.code.to_string(),
            zh: form.zh.clone(),
            en: form.en.clone(),
            first_year: Some(form.first_year),
            last_year: form.last_year,
            clause: Some(form.source.clone()),
            ..Code::default()
        });
    }
    for spec in &registry.scopes.all {
        add(plain("reports", "scope", &spec.code, &spec.zh, &spec.en));
    }
    add(plain("reports", "scope", Scope::Unknown.as_str(), "未说明", "The document does not say"));
    for kind in registry.kinds.all() {
        add(plain("reports", "agency_kind", &kind.code, &kind.zh, &kind.en));
    }
    for (level, zh) in [
        ("central", "中央"),
        ("province", "省级"),
        ("prefecture", "地级"),
        ("county", "县级"),
        ("township", "乡级"),
    ] {
        add(plain("reports", "agency_level", level, zh, level));
    }
    for section in &registry.sections {
        add(plain("narratives", "section", &section.code, &section.zh, &section.en));
    }
    for rule in &registry.rules {
        let clause = Some(rule.clause.clone());
        add(Code { clause, ..plain("findings", "code", &rule.code, &rule.summary, &readable(&rule.name)) });
    }
    for (severity, zh) in [(Severity::Error, "错误"), (Severity::Warning, "疑点"), (Severity::Info, "说明")]
    {
        add(plain("findings", "severity", severity.as_str(), zh, severity.as_str()));
    }
    for status in CaptureStatus::ALL {
        add(plain("captures", "status", status.as_str(), "", &readable(status.as_str())));
    }
    for status in [
        CellStatus::Number,
        CellStatus::Zero,
        CellStatus::Blank,
        CellStatus::Dash,
        CellStatus::Word,
        CellStatus::Annotated,
        CellStatus::RunTogether,
        CellStatus::Missing,
        CellStatus::Unreadable,
    ] {
        add(plain("cells", "status", status.as_str(), "", &readable(status.as_str())));
    }
    items(registry, &mut add);
    codes
}

/// Items (or channels) of the statutory tables: those of the newest form first, with the years of the forms that have them.
fn items(registry: &Registry, add: &mut dyn FnMut(Code)) {
    for spec in &registry.tables {
        let tables: Vec<_> =
            registry.forms.iter().filter_map(|form| Some((form, form.table(&spec.name)?))).collect();
        let column = if spec.columns.iter().any(|c| c.name == "channel") { "channel" } else { "item" };
        let mut known: BTreeSet<&str> = BTreeSet::new();
        for (at, (_, table)) in tables.iter().enumerate() {
            for item in table.items.iter().filter(|item| known.insert(&item.code)) {
                let has: Vec<&Form> = tables
                    .iter()
                    .filter(|(_, t)| t.items.iter().any(|i| i.code == item.code))
                    .map(|(form, _)| *form)
                    .collect();
                debug_assert!(!has.is_empty() && at < tables.len());
                let open = has.iter().any(|f| f.last_year.is_none());
                let clause = table.groups.iter().find(|g| g.items.contains(&item.code));
                let clause = clause.and_then(|g| g.clause.clone()).unwrap_or_else(|| table.clause.clone());
                let zh = item.labels.first().map_or("", String::as_str);
                add(Code {
                    group: item.member_of().map(str::to_owned),
                    first_year: has.iter().map(|f| f.first_year).min(),
                    last_year: has.iter().filter_map(|f| f.last_year).max().filter(|_| !open),
                    clause: Some(clause),
                    ..plain(&spec.name, column, &item.code, zh, &readable(&item.code))
                });
            }
        }
    }
}

fn plain(table: &str, column: &'static str, code: &str, zh: &str, en: &str) -> Code {
    Code {
        table: table.to_owned(),
        column,
        code: code.to_owned(),
        zh: zh.to_owned(),
        en: en.to_owned(),
        ..Code::default()
    }
}

/// `refused.state_secret` as words.
fn readable(code: &str) -> String {
    code.replace('.', ": ").replace('_', " ")
}

/// Name of a level, as in `agency_level`.
pub(crate) fn level(division: &Division) -> &'static str {
    match division.level {
        Level::Province => "province",
        Level::Prefecture => "prefecture",
        Level::County => "county",
    }
}

const REPORT: [&str; 8] = [
    "agency_id",
    "agency_name",
    "agency_kind",
    "agency_mark",
    "agency_level",
    "province_code",
    "city_code",
    "county_code",
];

/// One agency while its reports are met.
#[derive(Default)]
struct Met {
    /// The last report's year and what it says; of several of a year the greatest.
    last: Option<(i16, [Option<String>; 7])>,
    names: BTreeMap<String, i16>,
    years: BTreeSet<i16>,
    reports: i64,
}

/// The agencies of every region.
pub(crate) fn agencies(
    registry: &Registry,
    snapshot: &Snapshot,
) -> Result<BTreeMap<PartitionKey, Vec<Agency>>, StoreError> {
    let mut met: BTreeMap<(String, String), Met> = BTreeMap::new();
    let query = RowQuery { table: "reports", columns: &REPORT, ..RowQuery::default() };
    snapshot.each(&query, |row| {
        let Some(id) = row.text("agency_id") else { return };
        let agency = met.entry((row.region.clone(), id.to_owned())).or_default();
        agency.reports += 1;
        let [_, rest @ ..] = REPORT;
        let said = rest.map(|column| row.text(column).map(str::to_owned));
        if let [Some(name), ..] = &said {
            let first = agency.names.entry(name.clone()).or_insert(row.year);
            *first = row.year.min(*first);
        }
        if row.year > 0 {
            agency.years.insert(row.year);
        }
        let said = Some((row.year, said));
        if said > agency.last {
            agency.last = said;
        }
    })?;
    let mut agencies: BTreeMap<PartitionKey, Vec<Agency>> = BTreeMap::new();
    for ((region, id), met) in met {
        agencies.entry(PartitionKey::new(None, &region)).or_default().push(agency(registry, id, met));
    }
    Ok(agencies)
}

fn agency(registry: &Registry, id: String, met: Met) -> Agency {
    let (first, last) = (met.years.first().copied(), met.years.last().copied());
    let listed =
        |years: &mut dyn Iterator<Item = i16>| years.map(|y| y.to_string()).collect::<Vec<_>>().join(",");
    let missing = first.zip(last).map_or_else(String::new, |(first, last)| {
        listed(&mut (first..=last).filter(|year| !met.years.contains(year)))
    });
    let mut names: Vec<(i16, String)> = met.names.into_iter().map(|(name, year)| (year, name)).collect();
    names.sort();
    let names: Vec<String> = names.into_iter().map(|(_, name)| name).collect();
    let (year, [name, kind, mark, level, province, city, county]) = met.last.unwrap_or_default();
    let code = county.or(city).or(province);
    let gazetteer = &registry.gazetteer;
    let unit = code.and_then(|code| {
        let division = gazetteer.at(&code, year).or_else(|| gazetteer.spans(&code).last())?;
        Some(gazetteer.unit(division).to_owned())
    });
    Agency {
        id,
        name,
        names: names.join("; "),
        kind,
        mark,
        level,
        unit,
        first_year: first,
        last_year: last,
        reports: met.reports,
        present: listed(&mut met.years.iter().copied()),
        missing,
    }
}
