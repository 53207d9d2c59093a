//! `README.md`: the dataset card, with the head that Hugging Face reads.

use super::csv::twin_of;
use super::tables::{PLACES, Table};
use super::{Facts, PAGE, SUMS, accuracy, changes};
use gongkai_store::{BY_YEAR, Layout};
use std::collections::BTreeMap;
use std::fmt::Write;

pub(crate) fn markdown(facts: &Facts<'_>) -> String {
    let about = facts.about;
    let mut page = head(facts);
    let _ = write!(page, "# {}\n\n{}\n\n", about.title, about.title_zh);
    let _ = write!(
        page,
        "Version {}, {}{}. Snapshot `{}`{}.\n\n",
        facts.version,
        facts.date,
        if facts.dated_by_data { " (the latest date in the data)" } else { "" },
        facts.manifest.snapshot,
        if facts.masked { ", contacts masked" } else { "" }
    );
    breaches(&mut page, facts);
    section(&mut page, "What and why", &format!("{}\n\n{}", about.summary.trim(), about.why.trim()));
    section(&mut page, "Coverage", &coverage(facts));
    section(&mut page, "Files", &files(facts));
    section(&mut page, "How to read it", &reading(facts));
    section(&mut page, "How it was made", &made(facts));
    section(&mut page, "Accuracy", &accuracy_text(facts));
    let limits: Vec<String> = about.limits.iter().map(|l| format!("- {}", l.text)).collect();
    section(&mut page, "Known limits", &limits.join("\n"));
    section(&mut page, "Personal data", &personal(facts));
    let (data, software) = (&about.licence.data, &about.licence.software);
    let licences = format!(
        "- Data: [{}]({}), in `LICENSE`. {}\n- Software: [{}]({}), in `LICENSE-*`; `NOTICE` names the sources of what went into both. {}",
        data.name,
        data.url,
        data.note.trim(),
        software.name,
        software.url,
        software.note.trim()
    );
    section(&mut page, "Licence", &licences);
    let cite = format!(
        "> {}\n\n`CITATION.cff` has the same for programs.",
        about.citation(facts.version, &facts.date)
    );
    section(&mut page, "How to cite", &cite);
    section(&mut page, "Changes since the last version", &changed(facts));
    page
}

/// YAML whose values are written as JSON texts, which YAML reads as they are.
fn head(facts: &Facts<'_>) -> String {
    let about = facts.about;
    let text = |t: &str| serde_json::Value::from(t).to_string();
    let first = facts.tables.iter().find(|t| t.spec.name == about.tables.first);
    let mut yaml = format!(
        "---\npretty_name: {}\nlanguage:\n- zh\nlicense: {}\nsize_categories:\n- {}\ntags:\n",
        text(&about.title),
        about.licence_id(),
        size(first.map_or(0, |t| t.rows))
    );
    about.keywords.iter().for_each(|k| yaml.push_str(&format!("- {}\n", text(k))));
    yaml.push_str("configs:\n");
    // The library raises where a config has no rows.
    for table in facts.tables.iter().filter(|t| t.rows > 0) {
        let _ = writeln!(
            yaml,
            "- config_name: {}\n  data_files: {}",
            table.spec.name,
            text(&facts.pattern(table))
        );
        if table.spec.name == about.tables.first {
            yaml.push_str("  default: true\n");
        }
    }
    yaml.push_str("---\n\n");
    yaml
}

/// The classes of size that Hugging Face knows.
fn size(rows: u64) -> &'static str {
    match rows {
        0..1_000 => "n<1K",
        1_000..10_000 => "1K<n<10K",
        10_000..100_000 => "10K<n<100K",
        100_000..1_000_000 => "100K<n<1M",
        1_000_000..10_000_000 => "1M<n<10M",
        10_000_000..100_000_000 => "10M<n<100M",
        _ => "100M<n<1B",
    }
}

fn section(page: &mut String, title: &str, text: &str) {
    let _ = write!(page, "## {title}\n\n{}\n\n", text.trim_end());
}

fn breaches(page: &mut String, facts: &Facts<'_>) {
    if facts.breaches.is_empty() {
        return;
    }
    page.push_str("> **Released in spite of breached expectations.** This version does not meet what is expected of a release:\n>\n");
    facts.breaches.iter().for_each(|b| page.push_str(&format!("> - {b}\n")));
    page.push('\n');
}

fn coverage(facts: &Facts<'_>) -> String {
    let counts = facts.counts;
    let mut text = format!("{} reports", counts.reports);
    if let Some((first, last)) = counts.span() {
        let _ = write!(text, ", about the years {first} to {last}");
    }
    let regions = counts.regions.keys().filter(|r| *r != "unknown").count();
    let _ = write!(
        text,
        ", from {regions} province-level units or central organs. They come from {} captured documents, of which {}.\n\n",
        facts.manifest.account.captures_met,
        listed(&facts.manifest.account.by_status)
    );
    let years =
        counts.years.iter().map(|(y, n)| (if *y == 0 { "unknown".to_owned() } else { y.to_string() }, *n));
    table(&mut text, "year", "reports", years);
    let name = |iso: &str| {
        facts
            .registry
            .gazetteer
            .regions()
            .iter()
            .find(|r| r.iso == iso)
            .map_or_else(String::new, |r| format!(" {}", r.zh))
    };
    table(
        &mut text,
        "region",
        "reports",
        counts.regions.iter().map(|(r, n)| (format!("`{r}`{}", name(r)), *n)),
    );
    table(&mut text, "form", "reports", counts.forms.iter().map(|(f, n)| (format!("`{f}`"), *n)));
    text
}

/// `a 3, b 1`, without zeros.
fn listed(counts: &BTreeMap<String, u64>) -> String {
    let some: Vec<String> =
        counts.iter().filter(|(_, n)| **n > 0).map(|(k, n)| format!("{n} `{k}`")).collect();
    if some.is_empty() { "none".to_owned() } else { some.join(", ") }
}

fn table(text: &mut String, of: &str, what: &str, rows: impl Iterator<Item = (String, u64)>) {
    let _ = write!(text, "| {of} | {what} |\n|---|--:|\n");
    rows.for_each(|(name, n)| text.push_str(&format!("| {name} | {n} |\n")));
    text.push('\n');
}

fn files(facts: &Facts<'_>) -> String {
    let mut text = "| table | what | rows | Parquet | CSV |\n|---|---|--:|---|---|\n".to_owned();
    let csv = |t: &Table<'_>| {
        let name = twin_of(&t.spec.name);
        facts
            .csv
            .iter()
            .any(|f| f.path == name)
            .then_some(name)
            .map_or_else(String::new, |n| format!("`{n}`"))
    };
    for t in facts.tables {
        let place = match facts.layout {
            Layout::Flat => format!("`{}.parquet`", t.spec.name),
            Layout::Partitioned => format!("`{0}/`, `{BY_YEAR}/{0}/`", t.spec.name),
            Layout::Archives => format!("`{}.tar.zst`", t.spec.name),
        };
        let _ =
            writeln!(text, "| `{}` | {} | {} | {place} | {} |", t.spec.name, t.spec.grain, t.rows, csv(t));
    }
    if facts.layout != Layout::Flat {
        let _ = write!(
            text,
            "\nThe rows are there twice: in folders by year and region (year and region are then in the folders' names), for those who want one place, and under `{BY_YEAR}/`, \
             all regions of a year in one file, with `year` and `region` as columns.\n"
        );
    }
    text.push_str("\nEvery column, with its unit and clause, is in `dictionary.md` (for programs: `dictionary.json`, and the descriptions inside the Parquet files), every code of a finding in `findings.md`, \
                   what the series over all years are made of in `series.md`. ");
    let _ = write!(
        text,
        "`{PAGE}` shows the quality of the data. `views.sql` makes the tables known to DuckDB. `PROVENANCE` says from what and how they were made. `{SUMS}` has a hash of every file. \
         `croissant.json`, `datapackage.json`, `ro-crate-metadata.json`, `dcat.jsonld`, `.zenodo.json` and `CITATION.cff` describe the whole for programs."
    );
    if facts.sources {
        text.push_str(" `cache/` has the captured documents and what was read of them, for those who go on from this release; it is no part of the tables.");
    }
    text
}

fn reading(facts: &Facts<'_>) -> String {
    let table = &facts.about.tables.first;
    let mut text = String::new();
    if facts.layout == Layout::Archives {
        text.push_str("Unpack the tables in this folder first: `for archive in *.tar.zst; do tar --zstd -xf \"$archive\"; done`\n\n");
    }
    let glob = match facts.layout {
        Layout::Flat => format!("{table}.parquet"),
        _ => format!("{BY_YEAR}/{table}/**/*.parquet"),
    };
    // pandas takes the year in a folder's name for a category, which is not what the file says.
    let (pandas, options_of_pandas) = match facts.layout {
        Layout::Flat => (glob.clone(), ""),
        _ => (format!("{BY_YEAR}/{table}"), ", partitioning=None"),
    };
    let _ = write!(
        text,
        "```sh\nsha256sum --check --quiet {SUMS}    # or: gongkai check .\nduckdb -init views.sql             # in this folder, DuckDB 1.4 or later\n```\n\n\
         ```sql\n-- within a level, nothing is counted twice; levels are not to be added\n\
         SELECT year, region, agency_level, count(*) AS reports, sum(received) AS received\n\
         FROM key_figures WHERE counted GROUP BY ALL ORDER BY ALL;\n```\n\n\
         ```python\nimport polars, pandas, datasets\npolars.scan_parquet(\"{glob}\")\npandas.read_parquet(\"{pandas}\"{options_of_pandas})\n\
         datasets.load_dataset(\".\", \"{table}\")    # Hugging Face; every table that has rows is a config\n```\n"
    );
    text
}

fn made(facts: &Facts<'_>) -> String {
    let (manifest, counts) = (facts.manifest, facts.counts);
    let share = match counts.cells_expected {
        0 => String::new(),
        all => format!(" Of {all} cells that the forms have, {} were read as numbers.", counts.cells_read),
    };
    format!(
        "gongkai {} read every captured document: it binds the rows and columns of the statutory form by their labels, resolves agency, place and year, \
         joins copies of one report, and checks the sums the form prescribes. A figure whose row and column are not certain is NULL.{share} Findings about reports \
         and captures: {}.\n\nTables by gongkai {}, schema version {}, registry `{}`. Made by `{}`.",
        manifest.tool_version,
        listed(&counts.findings),
        manifest.tool_version,
        manifest.schema_version,
        manifest.registry_digest,
        facts.command
    )
}

fn accuracy_text(facts: &Facts<'_>) -> String {
    accuracy::markdown(&facts.registry.accuracy).unwrap_or_else(|| {
        "No accuracy was measured for this version. The sums of the form are checked in every report; what does not hold is in `findings`.".to_owned()
    })
}

fn personal(facts: &Facts<'_>) -> String {
    let columns: Vec<String> = facts.looked_at.iter().map(|c| format!("`{c}`")).collect();
    let mut text = format!(
        "Running text was searched for phone numbers, e-mail addresses, identity numbers and names of officials ({}), by patterns: some are missed, some are none. Found: {}. `{PLACES}` lists the places, not what stands there.",
        columns.join(", "),
        listed(&facts.found.kinds)
    );
    if facts.masked {
        let _ = write!(
            text,
            " They are masked in this release: every letter and digit of them is `*`, in {} values of columns.",
            facts.found.masked
        );
    } else if !facts.found.kinds.is_empty() {
        text.push_str(" They are not masked in this release: the reports were published by public bodies and are quoted as they are.");
    }
    text
}

fn changed(facts: &Facts<'_>) -> String {
    match facts.changes {
        None => "No earlier release was named when this one was made.".to_owned(),
        Some(c) => format!(
            "Compared with version {}:\n\n{}\n`{}` has every cell, `CHANGES.md` says how to read it.",
            c.since,
            changes::table(c),
            changes::CHANGES
        ),
    }
}
