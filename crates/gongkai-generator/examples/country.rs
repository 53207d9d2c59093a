//! Writes a country of agencies that report from 2019 to 2024 as a folder of files, as a crawler would, and beside it what
//! was planted: `country REPORTS FOLDER [SEED] [MISTAKES IN A THOUSAND]`.

use gongkai_generator::{Country, country};
use std::fmt::Write as _;
use std::path::Path;

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, or: u64| arguments.get(at).and_then(|a| a.parse().ok()).unwrap_or(or);
    let folder = arguments.get(1).map_or("country", String::as_str);
    let whole = Country {
        reports: usize::try_from(number(0, 1_000)).unwrap_or(usize::MAX),
        seed: number(2, 1),
        mistakes: u32::try_from(number(3, 0)).unwrap_or(u32::MAX),
    };
    let mut planted = "agency\tyear\tmistake\n".to_owned();
    for filing in country(whole) {
        if let Some(mistake) = filing.mistake {
            let _ = writeln!(planted, "{}\t{}\t{mistake:?}", filing.agency, filing.year);
        }
        if let Some(printed) = filing.printed {
            let site = Path::new(folder).join(&filing.folder);
            std::fs::create_dir_all(&site)?;
            std::fs::write(site.join(&printed.name), &printed.bytes)?;
        }
    }
    std::fs::write(format!("{folder}.planted.tsv"), planted)
}
