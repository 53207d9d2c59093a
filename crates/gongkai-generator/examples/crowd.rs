//! Writes the documents of a run as a folder of files, as a crawler would: `crowd COUNT FOLDER [SEED]`.

use gongkai_generator::{print, specs};
use std::path::Path;

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, or: u64| arguments.get(at).and_then(|a| a.parse().ok()).unwrap_or(or);
    let folder = arguments.get(1).map_or("crowd", String::as_str);
    let count = usize::try_from(number(0, 1_000)).unwrap_or(usize::MAX);
    for (i, spec) in specs(count, number(2, 1)).enumerate() {
        let printed = print(&spec);
        let site = Path::new(folder).join(format!("www.site{:04}.example.gov.cn/{}", i / 40, i % 40));
        std::fs::create_dir_all(&site)?;
        std::fs::write(site.join(&printed.name), &printed.bytes)?;
    }
    Ok(())
}
