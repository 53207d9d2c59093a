//! Writes a country of agencies that report from 2019 to 2024 as a folder of files, as a crawler would, and beside it what
//! was planted: `country REPORTS FOLDER [SEED] [MISTAKES IN A THOUSAND | life]`. With `life` it is one that looks like life.

use gongkai_generator::{Country, Filing, country, nation};
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
    let filings: Box<dyn Iterator<Item = Filing>> = match arguments.get(3).map(String::as_str) {
        Some("life") => Box::new(nation(whole.reports, whole.seed)),
        _ => Box::new(country(whole)),
    };
    let mut planted = "agency\tyear\tmistake\tscope\tholds_bodies\n".to_owned();
    for filing in filings {
        let mistake = filing.mistake.map(|m| format!("{m:?}")).unwrap_or_default();
        let (scope, holds) = (filing.scope.as_str(), filing.holds_bodies);
        if !mistake.is_empty() || scope != "unknown" || holds {
            let _ = writeln!(planted, "{}\t{}\t{mistake}\t{scope}\t{holds}", filing.agency, filing.year);
        }
        if let Some(printed) = filing.printed {
            let site = Path::new(folder).join(&filing.folder);
            std::fs::create_dir_all(&site)?;
            std::fs::write(site.join(&printed.name), &printed.bytes)?;
        }
    }
    std::fs::write(format!("{folder}.planted.tsv"), planted)
}
