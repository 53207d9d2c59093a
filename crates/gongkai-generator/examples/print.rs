//! Prints document N of a run to standard output: `print N [COUNT [SEED]]`; the spec and what is not certain go to
//! standard error.

use gongkai_generator::{Certainty, print, specs};
use std::io::Write;

fn main() -> std::io::Result<()> {
    let number = |at: usize| std::env::args().nth(at).and_then(|a| a.parse::<u64>().ok());
    let wanted = usize::try_from(number(1).unwrap_or(0)).unwrap_or(0);
    let count = number(2).and_then(|c| usize::try_from(c).ok()).unwrap_or(20_000);
    let Some(spec) = specs(count, number(3).unwrap_or(1)).nth(wanted) else { return Ok(()) };
    let printed = print(&spec);
    let mut err = std::io::stderr();
    writeln!(err, "{spec:?}\n{} {} {}", printed.name, printed.truth.agency, printed.truth.year)?;
    for cell in printed.truth.cells.iter().filter(|c| !matches!(c.certainty, Certainty::Certain(_))) {
        writeln!(err, "{} {} {:?}", cell.item, cell.column, cell.certainty)?;
    }
    for broken in &printed.truth.broken_identities {
        writeln!(err, "broken: {} in {}", broken.identity, broken.line)?;
    }
    std::io::stdout().write_all(&printed.bytes)
}
