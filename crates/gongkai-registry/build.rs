//! Makes the crate follow its data: a file added below `data/` is embedded at the next build.

fn main() {
    for folder in ["accuracy", "agencies", "crosswalk", "forms", "gazetteer", "resolve", "rules", "tables"] {
        println!("cargo::rerun-if-changed=../../data/{folder}");
    }
}
