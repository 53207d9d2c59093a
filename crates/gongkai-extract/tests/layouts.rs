//! Every file of `tests/cases` is a test: what is extracted from it is the snapshot beside it.
//! Drop a file in, run with `INSTA_UPDATE=always`, read the snapshot.

mod show;

use gongkai_extract::{Hints, Limits, extract};
use std::path::Path;

#[test]
fn every_case_reads_as_its_snapshot() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|e| e != "snap" && e != "new"));
    files.sort();
    assert!(files.len() >= 20, "cases are missing");
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("cases");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for path in files {
            let name = path.file_name().unwrap().to_str().unwrap();
            let bytes = std::fs::read(&path).unwrap();
            let hints = Hints { charset: None, path: name };
            let shown = match extract(&bytes, &hints, &Limits::default()) {
                Ok(document) => show::document(&document, &bytes),
                Err(problem) => format!("{} {}\n", problem.status.as_str(), problem.reason),
            };
            insta::assert_snapshot!(name, shown);
        }
    });
}
