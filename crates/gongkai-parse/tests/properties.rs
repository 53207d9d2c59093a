//! What holds for any document: no panic, one fact for every cell of the form, and no number that is not printed.

#![allow(clippy::unwrap_used)]

use gongkai_extract::{Hints, Limits, extract};
use gongkai_model::Parsed;
use gongkai_parse::Parser;
use gongkai_registry::Registry;
use proptest::prelude::*;
use std::sync::LazyLock;

static PARSER: LazyLock<Parser<'static>> = LazyLock::new(|| Parser::new(Registry::embedded()));

/// Words of the forms, figures, and rubbish.
fn word() -> impl Strategy<Value = String> {
    let labels: Vec<String> = Registry::embedded()
        .forms
        .iter()
        .flat_map(|f| &f.tables)
        .flat_map(|t| {
            let items = t.items.iter().flat_map(|i| i.labels.clone());
            let columns = t.columns.iter().flat_map(|c| c.labels.clone());
            let groups = t.groups.iter().flat_map(|g| g.labels.clone());
            items.chain(columns).chain(groups).collect::<Vec<_>>()
        })
        .collect();
    prop_oneof![
        4 => proptest::sample::select(labels),
        6 => "[0-9]{1,3}",
        1 => "[0-9/.,+ -]{0,8}",
        1 => Just(String::new()),
        1 => "\\PC{0,12}",
    ]
}

fn table() -> impl Strategy<Value = Vec<Vec<String>>> {
    prop::collection::vec(prop::collection::vec(word(), 1..17), 1..40)
}

fn read(text: &str) -> Option<Parsed> {
    let document = extract(text.as_bytes(), &Hints::default(), &Limits::default()).ok()?;
    Some(PARSER.parse(&document))
}

fn hold(text: &str) -> Result<(), TestCaseError> {
    let Some(parsed) = read(text) else { return Ok(()) };
    let form = Registry::embedded().form(&parsed.form);
    let present: usize = parsed
        .tables
        .iter()
        .filter(|t| t.present)
        .filter_map(|t| form.and_then(|f| f.table(&t.table)))
        .map(gongkai_registry::FormTable::cell_count)
        .sum();
    // Rows of another edition stand in the place of the form's own, or behind them.
    if !parsed.findings.iter().any(|f| f.code == "GK217") {
        prop_assert_eq!(parsed.cells.len(), present);
    }
    let mut places: Vec<_> = parsed.cells.iter().map(|c| (&c.table, &c.item, &c.column)).collect();
    places.sort_unstable();
    places.dedup();
    prop_assert_eq!(places.len(), parsed.cells.len());
    for cell in &parsed.cells {
        let Some(value) = cell.value else { continue };
        let digits: String = cell.raw.chars().filter(char::is_ascii_digit).collect();
        let wanted: String = value.to_string().chars().filter(char::is_ascii_digit).collect();
        prop_assert!(digits.contains(wanted.trim_end_matches('0')), "{} from {:?}", value, cell.raw);
        prop_assert!(cell.source.is_some());
    }
    let read: u32 = parsed.tables.iter().map(|t| t.read).sum();
    prop_assert_eq!(read as usize, parsed.cells.iter().filter(|c| c.value.is_some()).count());
    Ok(())
}

/// A unit that is not the form's turns 12.35 万元 into 12.35 元: the figure is not read.
#[test]
fn a_foreign_unit_in_a_head_leaves_the_figure_unread() {
    let page = |head: &str| {
        format!(
            "<table><tr><td colspan=3>第二十条第(一)项</td></tr><tr><td>信息内容</td><td>本年新制作数量</td><td>本年新公开数量</td>\
             <td>对外公开总数量</td></tr><tr><td>规章</td><td>1</td><td>2</td><td>3</td></tr><tr><td>规范性文件</td><td>4</td><td>5</td>\
             <td>6</td></tr><tr><td colspan=3>第二十条第(九)项</td></tr><tr><td>信息内容</td><td>采购项目数量</td><td>{head}</td></tr>\
             <tr><td>政府集中采购</td><td>7</td><td>12.35</td></tr></table><p>本年度情况如上。</p>"
        )
    };
    let amount = |head: &str| {
        let cells = read(&page(head)).unwrap().cells;
        cells.into_iter().find(|c| &*c.column == "procurement_amount_yuan").and_then(|c| c.value)
    };
    assert_eq!(amount("采购总金额").map(|v| v.to_string()).as_deref(), Some("12.35"));
    assert_eq!(amount("采购总金额（元）").map(|v| v.to_string()).as_deref(), Some("12.35"));
    assert_eq!(amount("采购总金额（万元）"), None);
    assert_eq!(amount("采购总金额(单位：亿元)"), None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn html_of_any_cells(rows in table()) {
        let row = |r: &Vec<String>| r.iter().map(|c| format!("<td>{c}</td>")).collect::<String>();
        let body: String = rows.iter().map(|r| format!("<tr>{}</tr>", row(r))).collect();
        hold(&format!("<html><body><table>{body}</table></body></html>"))?;
    }

    #[test]
    fn bars_tabs_blanks_and_lines_of_any_cells(rows in table(), separator in "[|\t \n]|") {
        let lines: Vec<String> = rows.iter().map(|r| r.join(&separator)).collect();
        hold(&lines.join("\n"))?;
    }

    #[test]
    fn one_endless_line(rows in table()) {
        hold(&rows.concat().concat())?;
    }

    #[test]
    fn any_text(text in "\\PC{0,600}") {
        hold(&text)?;
    }
}
