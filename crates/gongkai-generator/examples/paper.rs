//! Prints reports as office documents and pages into a folder, each with its truth in the name of its spec:
//! `cargo run --release -p gongkai-generator --example paper -- FOLDER [COUNT [SEED]]`.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a tool for developers")]

use gongkai_generator::{Medium, paper_specs, print_as};

fn main() {
    let argument = |at: usize| std::env::args().nth(at);
    let folder = argument(1).unwrap();
    let number = |at: usize, usual: u64| argument(at).and_then(|a| a.parse().ok()).unwrap_or(usual);
    std::fs::create_dir_all(&folder).unwrap();
    for medium in Medium::ALL {
        for spec in paper_specs(medium, number(2, 3) as usize, number(3, 1)) {
            let printed = print_as(&spec, medium);
            let path = format!("{folder}/{medium}_{:?}_{}", spec.damages.first().unwrap(), printed.name);
            std::fs::write(&path, printed.bytes).unwrap();
            println!("{path}");
        }
    }
}
