//! Prints one document of a run to standard output, its spec and what is not certain to standard error:
//! `print N` for the N-th, `print LAYOUT DAMAGE [N]` for the N-th of a layout and damage, such as `print Tab LostValue`.
//! With `legacy` in front the same of the reports of 2008-2018.

use gongkai_generator::{Certainty, Spec, legacy_specs, print, specs};
use std::io::Write;

/// Documents of the run and its seed.
const RUN: (usize, u64) = (20_000, 1);

fn wanted(arguments: &[String]) -> Option<Spec> {
    let (arguments, run): (_, Box<dyn Iterator<Item = Spec>>) = match arguments {
        [first, rest @ ..] if first == "legacy" => (rest, Box::new(legacy_specs(RUN.0, RUN.1))),
        all => (all, Box::new(specs(RUN.0, RUN.1))),
    };
    let number = |at: usize| arguments.get(at).and_then(|a| a.parse().ok()).unwrap_or(0);
    let mut run = run;
    let [layout, damage, ..] = arguments else { return run.nth(number(0)) };
    let fits =
        |s: &Spec| s.layout.to_string() == *layout && s.damages.iter().any(|d| d.to_string() == *damage);
    run.filter(fits).nth(number(2))
}

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut err = std::io::stderr();
    let Some(spec) = wanted(&arguments) else { return writeln!(err, "no such document in the run") };
    let printed = print(&spec);
    writeln!(err, "{spec:?}\n{} {} {}", printed.name, printed.truth.agency, printed.truth.year)?;
    for cell in printed.truth.cells {
        let verdict = match cell.certainty {
            Certainty::Certain(_) => continue,
            Certainty::Open(Some(n)) => format!("open: {n}"),
            Certainty::Open(None) => "must be null".to_owned(),
            Certainty::Absent => "absent".to_owned(),
        };
        writeln!(err, "{} {} {verdict}", cell.item, cell.column)?;
    }
    for broken in printed.truth.broken_identities {
        writeln!(err, "broken: {} in {}", broken.identity, broken.line)?;
    }
    std::io::stdout().write_all(&printed.bytes)
}
