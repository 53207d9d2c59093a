//! The data dictionary as a page to read.

use crate::dictionary::{ColumnEntry, Dictionary, FormEntry, FormTableEntry, TableEntry};
use gongkai_registry::Registry;

const HEAD: &str = "\
# Data dictionary (数据字典)

Every table, column, item code and finding code of the dataset. This page is generated from `data/` by
`gongkai schema --format md`; correct the registry, not the page.

- Integers, decimals and dates are as the agency reported them: never corrected, never imputed.
- NULL is not zero: a printed 0 is 0, a blank or unreadable cell is NULL. Doubts stand in table `findings`, printed
  texts in table `cells`.
- Text is UTF-8, in simplified characters; blank text is NULL. Times are UTC.
- A bold column never holds NULL.
";

/// The data dictionary as Markdown: tables with their columns, forms with their items, sections, finding codes.
pub fn dictionary_markdown(registry: &Registry) -> String {
    let dictionary = Dictionary::of(registry);
    let mut page = HEAD.to_owned();
    tables(&mut page, &dictionary);
    heading(&mut page, 2, "Views (视图)");
    paragraph(
        &mut page,
        "`views.sql` has one for each table, and these. Each has a twin with Chinese names, the first words of what is said of view and column: \
         `SELECT 机关名称, 本年新收申请 FROM 主要指标 WHERE 报告年度 = 2023`.",
    );
    let views =
        gongkai_store::views_beside(registry).into_iter().map(|[name, zh, en]| vec![code(&name), zh, en]);
    table(&mut page, &["view", "说明", "description"], views);
    for form in &dictionary.forms {
        form_section(&mut page, form);
    }
    heading(&mut page, 2, "Sections of the narrative (章节)");
    let sections = dictionary.sections.iter().map(|s| vec![code(s.code), s.zh.to_owned(), s.en.to_owned()]);
    table(&mut page, &["section", "名称", "name"], sections);
    heading(&mut page, 2, "Findings (发现代码)");
    paragraph(&mut page, "`gongkai explain CODE` prints the whole text of a code.");
    let findings = dictionary
        .findings
        .iter()
        .map(|f| vec![code(f.code), code(f.name), f.severity.to_owned(), f.summary.to_owned()]);
    table(&mut page, &["code", "name", "severity", "meaning"], findings);
    page
}

/// What every code of a finding means, as `gongkai explain` tells it.
pub fn findings_markdown(registry: &Registry) -> String {
    let mut page = "# Findings (发现)\n\nWhat the codes in table `findings` mean.\n".to_owned();
    for rule in &registry.rules {
        page.push_str(&format!("\n#{}\n", rule.text.trim_end()));
    }
    page
}

/// The series over all years: what goes on in what, and from which year figures are counted otherwise. `about` is said at the head.
pub fn series_markdown(registry: &Registry, about: &str) -> String {
    let mut page = "# Series over all years\n".to_owned();
    if !about.is_empty() {
        page.push_str(&format!("\n{about}"));
    }
    for crosswalk in &registry.crosswalks {
        page.push_str(&format!(
            "\n## View `{}`\n\n{} ({})\n\n| from | | |\n|---|---|---|\n",
            crosswalk.view, crosswalk.en, crosswalk.zh
        ));
        for b in &crosswalk.breaks {
            page.push_str(&format!("| {} | {} | {} |\n", b.year, b.zh, b.en));
        }
        page.push_str("\n| series | | table | items | column | comparability | what is counted |\n|---|---|---|---|---|---|---|\n");
        for series in &crosswalk.series {
            for source in &series.sources {
                let items: Vec<String> = source.items.iter().map(|i| format!("`{i}`")).collect();
                page.push_str(&format!(
                    "| `{}` | {} ({}) | `{}` | {} | `{}` | {} | {} |\n",
                    series.code,
                    series.en,
                    series.zh,
                    source.table,
                    items.join(" + "),
                    source.column,
                    source.comparability.as_str(),
                    source.note
                ));
            }
        }
    }
    page
}

fn tables(page: &mut String, dictionary: &Dictionary<'_>) {
    heading(page, 2, "Tables (数据表)");
    let overview = dictionary.tables.iter().map(|t| {
        vec![format!("[`{0}`](#{0})", t.name), t.grain.to_owned(), t.zh.to_owned(), t.en.to_owned()]
    });
    table(page, &["table", "one row is", "说明", "description"], overview);
    heading(page, 3, "Partition columns (分区列)");
    paragraph(
        page,
        "Every table has them: read from the names of the folders, `<table>/year=<YYYY>/region=<ISO>/`, and as columns (the year an INTEGER) of the same rows in \
         `by_year/<table>/year=<YYYY>/`, where all regions of a year are one file and a small table is one file, `by_year/<table>/part-<hash>.parquet`.",
    );
    columns(page, &dictionary.partitions);
    heading(page, 3, "Joining tables (连接各表)");
    paragraph(
        page,
        "`FROM reports JOIN disclosure_requests USING (report_id, year, region)` keeps every row, says which `year` is meant, and lets a filter on it leave the other years unread. \
         Not `NATURAL JOIN`, and not by `county_code`: it is NULL above the county, and NULL is equal to nothing, so the rows of provinces and cities are lost without a word. \
         `scope` of a table can be known from its caption where that of its report is `unknown`; a document that prints a table for two scopes has rows of both. So name \
         the scope (`WHERE d.scope = 'whole'`), or add up `key_figures WHERE counted`, which has done it. `agency_id` and `region` together name a row of `agencies`, `unit_code` and a year between \
         `first_year` and `last_year` one of `divisions`.",
    );
    for entry in &dictionary.tables {
        table_section(page, entry);
    }
}

fn table_section(page: &mut String, entry: &TableEntry<'_>) {
    heading(page, 3, entry.name);
    paragraph(page, &format!("{}。{}.", entry.zh, entry.en));
    let sort: Vec<String> = entry.sort.iter().map(|c| code(c)).collect();
    paragraph(
        page,
        &format!("Grain: {}. Sorted by {}, then the order of the document.", entry.grain, sort.join(", ")),
    );
    columns(page, &entry.columns);
}

fn columns(page: &mut String, columns: &[ColumnEntry<'_>]) {
    let rows = columns.iter().map(|c| {
        let name = if c.required { format!("**{}**", code(c.name)) } else { code(c.name) };
        let text = |t: Option<&str>| t.unwrap_or_default().to_owned();
        vec![name, c.sql_type.to_owned(), text(c.unit), c.zh.to_owned(), c.en.to_owned(), text(c.clause)]
    });
    table(page, &["column", "type", "unit", "说明", "description", "basis"], rows);
}

fn form_section(page: &mut String, form: &FormEntry<'_>) {
    heading(page, 2, &format!("Form {} ({})", form.code, form.zh));
    let years = match form.last_year {
        Some(last) => format!("years {} to {last}", form.first_year),
        None => format!("years {} on", form.first_year),
    };
    paragraph(page, &format!("{}; {}; {years}.", form.en, form.source));
    for table in &form.tables {
        form_table(page, form.code, table);
    }
}

fn form_table(page: &mut String, form: &str, entry: &FormTableEntry<'_>) {
    heading(page, 3, &format!("{}, form {form}", entry.table));
    paragraph(page, &format!("Basis: {}. Labels without numbering and punctuation.", entry.clause));
    table(page, &["column", "label"], entry.columns.iter().map(|c| vec![code(c.code), c.label.to_owned()]));
    // The columns of each item only where they are not the same for all.
    let uniform = entry.items.iter().all(|i| i.columns.len() == entry.columns.len());
    let rows = entry.items.iter().map(|i| {
        let group = i.group.map(code).unwrap_or_default();
        let mut row = vec![i.no.to_string(), code(i.code), group, i.label.to_owned()];
        if !uniform {
            row.push(i.columns.iter().map(|c| code(c)).collect::<Vec<_>>().join(", "));
        }
        row
    });
    let head = ["no", "item", "group", "label", "columns"];
    table(page, if uniform { &head[..4] } else { &head }, rows);
}

fn heading(page: &mut String, level: usize, text: &str) {
    page.push_str(&format!("\n{} {text}\n", "#".repeat(level)));
}

fn paragraph(page: &mut String, text: &str) {
    page.push_str(&format!("\n{text}\n"));
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

fn table(page: &mut String, head: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    page.push_str(&format!("\n| {} |\n|{}\n", head.join(" | "), "---|".repeat(head.len())));
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| cell.replace('|', "\\|")).collect();
        page.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_and_code_is_on_the_page() {
        let registry = Registry::embedded();
        let page = dictionary_markdown(registry);
        for table in &registry.tables {
            assert!(page.contains(&format!("\n### {}\n", table.name)));
            for column in &table.columns {
                assert!(
                    page.contains(&format!("`{}`", column.name)) && page.contains(&column.zh),
                    "{}",
                    column.name
                );
            }
        }
        for item in registry.forms.iter().flat_map(|f| &f.tables).flat_map(|t| &t.items) {
            assert!(page.contains(&format!("| `{}` |", item.code)), "{}", item.code);
        }
        for rule in &registry.rules {
            assert!(page.contains(&format!("| `{}` |", rule.code)), "{}", rule.code);
        }
    }

    #[test]
    fn every_table_row_has_as_many_cells_as_its_head() {
        let page = dictionary_markdown(Registry::embedded());
        let mut width = None;
        for line in page.lines() {
            if !line.starts_with('|') {
                width = None;
                continue;
            }
            let bars = line.replace("\\|", "").matches('|').count();
            assert_eq!(*width.get_or_insert(bars), bars, "{line}");
        }
        assert!(!page.contains("\n\n\n") && !page.lines().any(|l| l.ends_with(' ')));
    }
}
