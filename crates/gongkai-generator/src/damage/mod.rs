//! What happens to the tables of a report.

mod labels;
mod pages;
mod rows;
mod values;
mod wrap;

use crate::labels::Labels;
use crate::report::{Block, Report, stream};
use crate::sheet::Sheet;
use crate::spec::{Damage, Spec};
use fastrand::Rng;
use gongkai_registry::{Form, FormTable};

/// What a damage may look at.
pub(crate) struct Scene<'a> {
    pub(crate) spec: &'a Spec,
    pub(crate) table: &'a FormTable,
    pub(crate) labels: Labels,
    /// Heads of the columns of the next table of the form.
    pub(crate) other_heads: Vec<String>,
    pub(crate) year: i16,
    pub(crate) rng: Rng,
}

/// Applies all damages of the spec that concern tables, in an order of its own: first what is in a table, then how it
/// is printed, then where pages end.
pub(crate) fn apply(report: &mut Report, spec: &Spec, form: &Form) {
    let mut rng = stream(spec.seed, "damage");
    for block in &mut report.blocks {
        if let Block::Sheet(sheet) | Block::Comment(sheet) = block
            && let Some(table) = sheet.table.and_then(|t| form.tables.get(t))
        {
            let mut scene = Scene {
                spec,
                table,
                labels: Labels::of(form, table),
                other_heads: other_heads(form, table),
                year: report.year,
                rng: Rng::with_seed(rng.u64(..)),
            };
            scene.apply(sheet);
        }
    }
    if spec.has(Damage::PageOfMany) {
        pages::keep_page(report, &mut rng);
    }
    if spec.has(Damage::PrintedTwice) {
        report.blocks = std::mem::take(&mut report.blocks).into_iter().flat_map(twice).collect();
    }
}

fn other_heads(form: &Form, table: &FormTable) -> Vec<String> {
    let at = form.tables.iter().position(|t| t.table == table.table).unwrap_or(0);
    let Some(other) = form.tables.get((at + 1) % form.tables.len().max(1)) else { return Vec::new() };
    let labels = Labels::of(form, other);
    (0..other.columns.len()).map(|c| labels.column(other, c).to_owned()).collect()
}

/// A statutory table and a copy that says nothing new.
fn twice(block: Block) -> Vec<Block> {
    let Block::Sheet(sheet) = block else { return vec![block] };
    if sheet.table.is_none() {
        return vec![Block::Sheet(sheet)];
    }
    let mut copy = sheet.clone();
    copy.inked_mut().for_each(|c| c.inks.clear());
    vec![Block::Sheet(sheet), Block::Sheet(copy)]
}

type Step = fn(&mut Scene<'_>, &mut Sheet);

impl Scene<'_> {
    fn apply(&mut self, sheet: &mut Sheet) {
        let steps: [(Damage, Step); 40] = [
            (Damage::LostValue, rows::lose_value),
            (Damage::GroupedRowsShort, rows::shorten_grouped),
            (Damage::ValueBlank, rows::blank_value),
            (Damage::GroupedRowsBlank, rows::blank_grouped),
            (Damage::GroupCellRepeated, rows::repeat_group),
            (Damage::OverflowingRowspan, rows::overflow),
            (Damage::ExtraItemRow, labels::extra_item),
            (Damage::LabelsShortened, labels::shorten),
            (Damage::Reworded, labels::reword),
            (Damage::Misprinted, labels::misprint),
            (Damage::LabelMisspelt, labels::misspell),
            (Damage::LabelNoted, labels::note),
            (Damage::Explained, labels::explain),
            (Damage::HeadLabelsCut, labels::cut_heads),
            (Damage::HeadReplaced, labels::replace_head),
            (Damage::HeadsTorn, labels::tear_heads),
            (Damage::PlaceholderHeads, labels::placeholder_heads),
            (Damage::KangxiRadicals, labels::radicals),
            (Damage::PinyinBrackets, labels::read_aloud),
            (Damage::WordsSplit, labels::split),
            (Damage::None, values::print),
            (Damage::DigitsRunTogether, values::run_together),
            (Damage::TextDoubled, labels::double),
            (Damage::HiddenText, values::put_beside),
            (Damage::StruckText, values::put_beside),
            (Damage::NoteMarks, values::put_beside),
            (Damage::SpansRepeated, values::repeat_in_spans),
            (Damage::ExtraEmptyColumn, rows::empty_column),
            (Damage::OrdinalColumn, rows::ordinals),
            (Damage::ValueTableInCell, rows::nest_values),
            (Damage::TwoRowsInOne, wrap::join_rows),
            (Damage::FiguresBelowLabel, wrap::lower_figures),
            (Damage::FigureWrapped, wrap::wrap),
            (Damage::DecimalsWrapped, wrap::wrap_decimals),
            (Damage::FigureCutByPage, wrap::cut_by_page),
            (Damage::ExtraEmptyRows, rows::empty_rows),
            (Damage::FootnoteRow, rows::footnotes),
            (Damage::OtherHead, pages::other_head),
            (Damage::PageBreakInTable, pages::break_table),
            (Damage::PageBreakInLabel, pages::break_label),
        ];
        for (damage, step) in steps {
            // How values are printed is always decided, for natural variation too.
            if damage == Damage::None || self.spec.has(damage) {
                step(self, sheet);
            }
        }
        if self.spec.has(Damage::NbspPadding) || self.spec.has(Damage::ZeroWidthSpaces) {
            values::pad(self, sheet);
        }
    }
}
