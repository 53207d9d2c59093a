//! Development only. `cargo xtask accuracy` reads generated reports and counts; `cargo xtask arch` checks that the crates use one another as `docs/architecture.md` says;
//! `cargo xtask docs` writes the generated documents, `cargo xtask docs --check` says whether they are current;
//! `cargo xtask new-rule` begins the file of a rule.

mod accuracy;
mod arch;
mod book;
mod cookbook;
mod docs;
mod rules;

use anyhow::{Result, bail};
use std::path::PathBuf;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["accuracy", rest @ ..] => accuracy::run(&root(), rest),
        ["arch"] => arch::check(&root()),
        ["docs"] => docs::write(&root()),
        ["docs", "--check"] => docs::check(&root()),
        ["new-rule", code, name] => rules::begin(&root(), code, name),
        _ => {
            bail!(
                "usage: cargo xtask accuracy [COUNT [SEED]] [statutory|legacy|documents|labelled] [--write] [--examples] | arch | docs [--check] | new-rule CODE NAME"
            )
        }
    }
}

/// The workspace.
fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}
