//! `gongkai rules` and `gongkai explain`.

use super::print;
use crate::table::{Align, lines};
use crate::{Failure, Status};
use gongkai_registry::Registry;

/// Lists all codes.
pub(crate) fn list(registry: &Registry) -> Result<Status, Failure> {
    let rows: Vec<Vec<String>> = registry
        .rules
        .iter()
        .map(|r| vec![r.code.clone(), r.severity.as_str().to_owned(), r.name.clone(), r.summary.clone()])
        .collect();
    print(&lines(&rows, &[Align::Left; 4], 0));
    Ok(Status::Done)
}

/// Explains one code.
pub(crate) fn explain(registry: &Registry, code: &str) -> Result<Status, Failure> {
    let wanted = code.trim().to_ascii_uppercase();
    let rule = registry.rule(&wanted).ok_or_else(|| {
        Failure::usage(format!("no finding has the code {code}; `gongkai rules` lists them"))
    })?;
    print(&rule.text);
    Ok(Status::Done)
}
