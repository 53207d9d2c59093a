//! Files for desk programs, made as their users make them. What those programs read of them is checked by `.ci/desk.py`.

#![allow(clippy::unwrap_used)]

use gongkai_publish::desk_tables;
use gongkai_registry::Registry;
use gongkai_store::Store;
use std::fs;
use std::path::Path;
use std::process::Command;

fn gongkai(arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_gongkai")).args(arguments).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8_lossy(&text).into_owned())
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let all = fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
    let mut all: Vec<String> = all.collect();
    all.sort();
    all
}

#[test]
fn tables_of_a_store_and_of_its_release_are_the_same_files() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let (store, release) = (at("store"), at("release"));
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/sample");
    assert_eq!(gongkai(&["ingest", text(&samples), "--store", text(&store), "-q"]).0, 0);
    let (status, said) =
        gongkai(&["export", text(&store), "--format", "csv,xlsx,dta", "-o", text(&at("desk"))]);
    assert_eq!(status, 0, "{said}");
    let rows = Store::open(&store).unwrap().current().unwrap().unwrap().manifest.rows;
    assert!(said.contains(&format!("key_figures.csv: {} rows", rows["key_figures"])), "{said}");
    let made = ["gongkai.xlsx", "key_figures.csv", "key_figures.dta", "report_wide.csv", "report_wide.dta"];
    assert_eq!(names(&at("desk")), made);
    let csv = fs::read_to_string(at("desk/key_figures.csv")).unwrap();
    assert!(csv.starts_with("\u{feff}report_id,agency_id,scope,"), "{csv}");
    assert_eq!(csv.lines().count() as u64, rows["key_figures"] + 1);

    let version = ["release", text(&store), "--version", "1", "-q", "-o", text(&release)];
    assert_eq!(gongkai(&version).0, 0);
    let (status, said) =
        gongkai(&["export", text(&release), "--format", "csv,xlsx,dta", "-o", text(&at("other")), "-q"]);
    assert_eq!((status, said.as_str()), (0, ""));
    for name in made {
        assert_eq!(
            fs::read(at("desk").join(name)).unwrap(),
            fs::read(at("other").join(name)).unwrap(),
            "{name}"
        );
    }

    // One file a table: the same rows, the same bytes, and nothing else is left behind.
    let flat = at("flat");
    let version = ["release", text(&store), "--version", "1", "-q", "--flat", "-o", text(&flat)];
    assert_eq!(gongkai(&version).0, 0);
    let (status, said) =
        gongkai(&["export", text(&flat), "--format", "csv,xlsx,dta", "-o", text(&at("third")), "-q"]);
    assert_eq!((status, said.as_str()), (0, ""));
    assert_eq!(names(&at("third")), made);
    for name in made {
        let [one, other] = ["desk", "third"].map(|folder| fs::read(at(folder).join(name)).unwrap());
        assert!(one == other, "{name}");
    }
    let tables: Vec<&str> = desk_tables(Registry::embedded()).collect();
    for (from, to) in [(&store, "all"), (&flat, "all-flat")] {
        let to = at(to);
        let call = ["export", text(from), "--format", "csv", "-q", "-o", text(&to)];
        assert_eq!(gongkai(&[call.as_slice(), tables.as_slice()].concat()), (0, String::new()));
    }
    assert_eq!(names(&at("all")), names(&at("all-flat")));
    for name in names(&at("all")) {
        let [one, other] = ["all", "all-flat"].map(|folder| fs::read(at(folder).join(&name)).unwrap());
        assert!(one == other, "{name}");
    }
    // A file that ought to be there and is not is no table without rows.
    fs::remove_file(flat.join("review_litigation.parquet")).unwrap();
    let (status, said) = gongkai(&["export", text(&flat), "--format", "csv", "-o", text(&at("torn"))]);
    assert!(status != 0 && said.contains("review_litigation.parquet"), "{status} {said}");
    assert!(!at("torn/report_wide.csv").exists());
}

#[test]
fn wrong_calls_are_told_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let (status, said) =
        gongkai(&["export", text(folder.path()), "--format", "csv", "-o", text(&out), "key_figure"]);
    assert_eq!(status, 2, "{said}");
    assert!(said.contains("did you mean key_figures?"), "{said}");
    let (status, said) = gongkai(&["export", text(folder.path()), "--format", "csv", "-o", text(&out)]);
    assert_eq!(status, 2, "{said}");
    let (status, said) = gongkai(&["export", text(folder.path()), "--format", "sav", "-o", text(&out)]);
    assert!(status == 2 && said.contains("csv, xlsx, dta"), "{said}");
    assert!(!out.exists());
}

#[test]
fn every_column_has_a_name_that_statistics_programs_take() {
    let registry = Registry::embedded();
    let taken = |name: &str| {
        let plain = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        let reserved = ["byte", "double", "float", "if", "in", "int", "long", "using", "with"];
        plain
            && name.len() <= 32
            && !reserved.contains(&name)
            && !name.starts_with(|c: char| c.is_ascii_digit())
    };
    for table in &registry.tables {
        table.columns.iter().for_each(|c| assert!(taken(&c.name), "{}.{}", table.name, c.name));
    }
    let cells = gongkai_store::wide_cells(registry);
    cells.iter().for_each(|c| assert!(taken(&c.name), "{}", c.name));
    // Excel's names of sheets.
    desk_tables(registry).for_each(|name| assert!(name.len() <= 31 - " (99)".len(), "{name}"));
}
