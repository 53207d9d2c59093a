//! `codes`, `agencies`, `divisions`: see [`crate::dimensions`].

use super::Context;
use crate::column::Source;
use crate::dimensions::{Agency, Code, level};
use gongkai_registry::{Division, Gazetteer};

pub(super) fn code<'a>(column: &str) -> Option<Source<&'a Code>> {
    Some(match column {
        "table" => Source::Text(|r| Some(&r.table)),
        "column" => Source::Text(|r| Some(r.column)),
        "code" => Source::Text(|r| Some(&r.code)),
        "zh" => Source::Text(|r| Some(&r.zh)),
        "en" => Source::Text(|r| Some(&r.en)),
        "item_group" => Source::Text(|r| r.group.as_deref()),
        "position" => Source::Int(|r| Some(r.position)),
        "first_year" => Source::Int(|r| r.first_year.map(i64::from)),
        "last_year" => Source::Int(|r| r.last_year.map(i64::from)),
        "clause" => Source::Text(|r| r.clause.as_deref()),
        _ => return None,
    })
}

pub(super) fn agency<'a>(column: &str) -> Option<Source<&'a Agency>> {
    Some(match column {
        "agency_id" => Source::Text(|r| Some(&r.id)),
        "agency_name" => Source::Text(|r| r.name.as_deref()),
        "names" => Source::Text(|r| Some(&r.names)),
        "agency_kind" => Source::Text(|r| r.kind.as_deref()),
        "agency_mark" => Source::Text(|r| r.mark.as_deref()),
        "agency_level" => Source::Text(|r| r.level.as_deref()),
        "unit_code" => Source::Text(|r| r.unit.as_deref()),
        "first_year" => Source::Int(|r| r.first_year.map(i64::from)),
        "last_year" => Source::Int(|r| r.last_year.map(i64::from)),
        "reports" => Source::Int(|r| Some(r.reports)),
        "years_present" => Source::Text(|r| Some(&r.present)),
        "years_missing" => Source::Text(|r| Some(&r.missing)),
        _ => return None,
    })
}

/// One division in a span of years.
pub(super) struct Span<'a> {
    division: &'a Division,
    unit: &'a str,
    parent: Option<&'a str>,
    region: Option<&'a str>,
}

pub(super) fn divisions<'a>(context: &Context<'a>) -> Vec<Span<'a>> {
    let gazetteer: &Gazetteer = &context.registry.gazetteer;
    let span = |division: &'a Division| Span {
        division,
        unit: gazetteer.unit(division),
        parent: gazetteer.parent(division, division.to.unwrap_or(i16::MAX)).map(|d| d.name.as_str()),
        region: gazetteer.region(&division.code).map(|r| r.iso.as_str()),
    };
    gazetteer.divisions().iter().map(span).collect()
}

pub(super) fn division<'a>(column: &str) -> Option<Source<Span<'a>>> {
    Some(match column {
        "division_code" => Source::Text(|r| Some(&r.division.code)),
        "unit_code" => Source::Text(|r| Some(r.unit)),
        "name" => Source::Text(|r| Some(&r.division.name)),
        "level" => Source::Text(|r| Some(level(r.division))),
        "parent_code" => Source::Text(|r| Some(&r.division.parent)),
        "parent_name" => Source::Text(|r| r.parent),
        "iso_region" => Source::Text(|r| r.region),
        "first_year" => Source::Int(|r| Some(i64::from(r.division.from))),
        "last_year" => Source::Int(|r| r.division.to.map(i64::from)),
        _ => return None,
    })
}
