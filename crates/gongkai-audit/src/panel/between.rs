//! What must follow from the year before: both sides of every line, of all reports at once.

use super::frames::{Scene, figures, number, rows, sorted};
use super::{PanelError, Told, Unit, report_id};
use gongkai_model::Finding;
use gongkai_registry::{Between, BetweenLine, CellCode};
use polars::prelude::*;

/// A line of a form.
struct Line<'a> {
    form: u32,
    between: &'a Between,
    cells: BetweenLine,
}

/// Compares every report with the one of the year before, wherever all figures of a line are known, and tells of what does not
/// follow, under this code.
pub(super) fn check(
    scene: &Scene<'_>,
    told: &mut Told,
    code: &'static str,
    about: bool,
) -> Result<(), PanelError> {
    let lines = lines(scene, about);
    let seats = scene.seats(|unit| matches!(unit, Unit::Agency(_)));
    let broken = broken(scene, &lines, figures(&seats, |_| true)?)?;
    let names = ["unit", "row", "line", "left", "right", "last", "row_last"];
    for row in rows(&broken, &names)? {
        let [unit, this, line, left, right, last, other] = row.as_slice() else { continue };
        let place = |n: &i64| u32::try_from(*n).unwrap_or(u32::MAX);
        let Some(line) = lines.get(place(line) as usize) else { continue };
        let (Some(entry), Some(before)) = (scene.entry(place(this)), scene.entry(place(other))) else {
            continue;
        };
        let due = number(right + last);
        let mut basis = format!(
            "{} of {} in report {} is {}",
            terms(&line.between.last),
            before.year,
            report_id(before.report),
            number(*last)
        );
        if !line.between.right.is_empty() {
            basis = format!("{} is {} and {basis}", terms(&line.between.right), number(*right));
        }
        let message = format!(
            "{}: {} of {} is {}, but {basis}",
            line.between.code,
            terms(&line.between.left),
            entry.year,
            number(*left)
        );
        let address = line.cells.left.first().and_then(|c| scene.registry.panel.cell(&c.0, &c.1, &c.2));
        let address = scene.address(address.and_then(|at| u32::try_from(at).ok()).unwrap_or(u32::MAX));
        let finding = Finding::at(code, address, message).compare(due.to_string(), number(*left).to_string());
        told.finding(usize::try_from(*unit).unwrap_or(usize::MAX), place(this), finding);
    }
    Ok(())
}

fn terms(codes: &[std::sync::Arc<str>]) -> String {
    codes.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(" + ")
}

/// The lines of all forms, those that hold exactly or those that hold about.
fn lines<'a>(scene: &Scene<'a>, about: bool) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    for (form, tables) in (1..).zip(scene.registry.forms.iter().map(|f| &f.tables)) {
        for table in tables {
            for between in table.between.iter().filter(|b| b.about == about) {
                lines.extend(between.lines(table).map(|cells| Line { form, between, cells }));
            }
        }
    }
    lines
}

/// The lines that do not hold: `unit`, `row`, `line`, sums of the terms, and the report of the year before.
fn broken(scene: &Scene<'_>, lines: &[Line<'_>], figures: LazyFrame) -> Result<DataFrame, PanelError> {
    let (this, last) = (this_terms(scene, lines)?, last_terms(scene, lines)?);
    let this = figures
        .clone()
        .join(this, [col("form"), col("cell")], [col("form"), col("cell")], JoinArgs::new(JoinType::Inner))
        .group_by([
            col("unit"),
            col("row"),
            col("agency"),
            col("year"),
            col("scope"),
            col("line"),
            col("terms"),
        ])
        .agg([
            (col("value") * col("on_left")).sum().alias("left"),
            (col("value") * col("on_right")).sum().alias("right"),
            len().cast(DataType::UInt32).alias("known"),
        ])
        .filter(col("known").eq(col("terms")));
    let last = figures
        .join(last, [col("cell")], [col("cell")], JoinArgs::new(JoinType::Inner))
        .group_by([
            col("unit"),
            col("row"),
            col("agency"),
            col("year"),
            col("scope"),
            col("line"),
            col("terms"),
        ])
        .agg([col("value").sum().alias("last"), len().cast(DataType::UInt32).alias("known")])
        .filter(col("known").eq(col("terms")))
        .select([
            col("unit"),
            col("agency"),
            col("line"),
            (col("year") + lit(1_i32)).alias("year"),
            col("row").alias("row_last"),
            col("scope").alias("scope_last"),
            col("last"),
        ]);
    let on = [col("unit"), col("agency"), col("line"), col("year")];
    // A report for all bodies of a place does not go on with one for its office alone.
    let comparable = col("scope")
        .eq(col("scope_last"))
        .or(col("scope").eq(lit(0_u32)))
        .or(col("scope_last").eq(lit(0_u32)));
    let broken = this
        .join(last, on.clone(), on, JoinArgs::new(JoinType::Inner))
        .filter(comparable.and(col("left").neq(col("right") + col("last"))));
    sorted(broken, &["unit", "row", "line", "row_last"])
}

fn cell(scene: &Scene<'_>, code: &CellCode) -> Option<u32> {
    scene.registry.panel.cell(&code.0, &code.1, &code.2).and_then(|at| u32::try_from(at).ok())
}

/// `form`, `cell`, `line`, whether the cell is `on_left` or `on_right`, and how many `terms` the line has.
fn this_terms(scene: &Scene<'_>, lines: &[Line<'_>]) -> Result<LazyFrame, PanelError> {
    let (mut forms, mut cells, mut numbers) = (Vec::new(), Vec::new(), Vec::new());
    let (mut on_left, mut on_right, mut terms) = (Vec::new(), Vec::new(), Vec::new());
    for (at, line) in (0_u32..).zip(lines) {
        let sides = [(&line.cells.left, 1_i64), (&line.cells.right, 0)];
        let count = line.cells.left.len() + line.cells.right.len();
        for (side, left) in sides {
            for code in side {
                forms.push(line.form);
                cells.push(cell(scene, code).unwrap_or(u32::MAX));
                numbers.push(at);
                on_left.push(left);
                on_right.push(1 - left);
                terms.push(u32::try_from(count).unwrap_or(u32::MAX));
            }
        }
    }
    let frame = df!(
        "form" => forms, "cell" => cells, "line" => numbers, "on_left" => on_left, "on_right" => on_right,
        "terms" => terms
    )?;
    Ok(frame.lazy())
}

/// `cell`, `line`, `terms` of the year before, in whichever form.
fn last_terms(scene: &Scene<'_>, lines: &[Line<'_>]) -> Result<LazyFrame, PanelError> {
    let (mut cells, mut numbers, mut terms) = (Vec::new(), Vec::new(), Vec::new());
    for (at, line) in (0_u32..).zip(lines) {
        for code in &line.cells.last {
            cells.push(cell(scene, code).unwrap_or(u32::MAX));
            numbers.push(at);
            terms.push(u32::try_from(line.cells.last.len()).unwrap_or(u32::MAX));
        }
    }
    Ok(df!("cell" => cells, "line" => numbers, "terms" => terms)?.lazy())
}
