//! The sheet of a statutory table, from the form alone.

use crate::figures::Figures;
use crate::labels::Labels;
use crate::sheet::{Cell, Ink, Kind, Part, Row, Sheet};
use crate::truth::Certainty;
use fastrand::Rng;
use gongkai_registry::{Axis, Form, FormTable, Orientation};

/// What is printed of the table.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Options {
    /// Rows of a group, and groups with columns of their own, in another order.
    pub(crate) shuffled: bool,
    /// The columns that are sums of others are left out.
    pub(crate) without_totals: bool,
    pub(crate) without_head: bool,
    /// Captions name the items of a table whose items stand side by side: in a row of the table, or (`true`) above a table of
    /// their own.
    pub(crate) captioned: Option<bool>,
    /// Whether these are the figures of the report.
    pub(crate) counts: bool,
}

struct Builder<'a> {
    t: usize,
    table: &'a FormTable,
    labels: Labels,
    figures: &'a Figures,
    options: Options,
}

/// The sheet of the table at a position of the form.
pub(crate) fn sheet(form: &Form, t: usize, figures: &Figures, options: Options, rng: &mut Rng) -> Sheet {
    let Some(table) = form.tables.get(t) else { return Sheet::default() };
    let labels = Labels::of(form, table);
    let builder = Builder { t, table, labels, figures, options };
    let mut sheet = match table.orientation {
        Orientation::Across => match options.captioned {
            Some(apart) => builder.captioned(apart),
            None => builder.across(),
        },
        Orientation::Rows if table.groups.iter().any(|g| !g.columns.is_empty()) => builder.blocks(rng),
        Orientation::Rows => builder.lines(rng),
    };
    sheet.table = Some(t);
    sheet.head = !options.without_head;
    sheet
}

impl Builder<'_> {
    fn columns(&self, item: usize) -> Vec<usize> {
        let totals: Vec<_> = self.table.identities.iter().filter(|i| i.axis == Axis::Row).collect();
        let is_total = |c: &usize| {
            let code = self.table.columns.get(*c).map(|c| &c.code);
            totals.iter().any(|t| t.left.iter().any(|l| Some(l) == code))
        };
        let all = self.table.columns_of(item).iter().copied();
        all.filter(|c| !(self.options.without_totals && is_total(c))).collect()
    }

    fn value(&self, item: usize, column: usize) -> Cell {
        let id = (self.t, item, column);
        let number = self.figures.get(id);
        // Changes are printed with their sign as often as not.
        let signed = self.table.columns.get(column).is_some_and(|c| c.signed);
        let plus = signed && number.as_integer().is_some_and(|n| n > 0 && n % 2 == 1);
        let mut cell = Cell::new(Part::Value, &format!("{}{number}", if plus { "+" } else { "" }));
        cell.figure = Some((column, number));
        if self.options.counts {
            cell.inks.push(Ink { id, verdict: Certainty::Certain(number) });
        }
        cell
    }

    fn head_cell(&self, column: usize) -> Cell {
        Cell::new(Part::Column, self.labels.column(self.table, column))
    }

    fn item_cell(&self, item: usize) -> Cell {
        Cell::new(Part::Item(item), self.labels.item(self.table, item))
    }

    /// Items in printed order: runs of items of one group stay together.
    fn order(&self, rng: &mut Rng) -> Vec<usize> {
        let mut runs: Vec<Vec<usize>> = Vec::new();
        let group = |i: usize| self.table.items.get(i).and_then(|i| i.group.as_ref());
        for i in 0..self.table.items.len() {
            match runs.last_mut() {
                Some(run) if run.first().is_some_and(|f| group(*f) == group(i)) => run.push(i),
                _ => runs.push(vec![i]),
            }
        }
        if self.options.shuffled {
            runs.iter_mut().for_each(|run| rng.shuffle(run));
        }
        runs.concat()
    }

    /// Blocks with columns of their own, each under its clause.
    fn blocks(&self, rng: &mut Rng) -> Sheet {
        let widest = (0..self.table.items.len()).map(|i| self.columns(i).len()).max().unwrap_or(0);
        let width = 1 + widest;
        let mut groups: Vec<_> = self.table.groups.iter().collect();
        if self.options.shuffled {
            rng.shuffle(&mut groups);
        }
        let mut rows = Vec::new();
        for group in groups {
            let mut items: Vec<usize> = group.items.iter().filter_map(|i| self.table.item(i)).collect();
            if self.options.shuffled {
                rng.shuffle(&mut items);
            }
            let columns = items.first().map(|i| self.columns(*i)).unwrap_or_default();
            let spread = |mut cells: Vec<Cell>| {
                let last = width.saturating_sub(cells.len());
                cells.iter_mut().last().into_iter().for_each(|c| c.colspan = 1 + last);
                cells
            };
            rows.push(Row::new(
                Kind::Clause,
                vec![Cell::new(Part::Group, self.labels.group(group)).span(1, width)],
            ));
            if !self.options.without_head {
                let mut head = vec![Cell::new(Part::Head, &self.labels.corner)];
                head.extend(columns.iter().map(|c| self.head_cell(*c)));
                rows.push(Row::new(Kind::Head, spread(head)));
            }
            for item in items {
                let mut cells = vec![self.item_cell(item)];
                cells.extend(columns.iter().map(|c| self.value(item, *c)));
                rows.push(Row::new(Kind::Values, spread(cells)));
            }
        }
        Sheet { rows, label_columns: 1, width, ..Sheet::default() }
    }

    /// One row an item, labels in nested groups.
    fn lines(&self, rng: &mut Rng) -> Sheet {
        let order = self.order(rng);
        let chains: Vec<Vec<String>> = order.iter().map(|i| self.labels.chain(self.table, *i)).collect();
        let label_columns = 1 + chains.iter().map(Vec::len).max().unwrap_or(0);
        let columns = self.columns(0);
        let mut rows =
            if self.options.without_head { Vec::new() } else { self.head(&columns, label_columns) };
        for (at, (item, chain)) in order.iter().zip(&chains).enumerate() {
            let mut cells = Vec::new();
            for (depth, code) in chain.iter().enumerate() {
                let same = |other: &&Vec<String>| other.get(..=depth) == chain.get(..=depth);
                let begins =
                    at.checked_sub(1).and_then(|b| chains.get(b)).is_none_or(|before| !same(&before));
                let group = self.table.groups.iter().find(|g| g.code.as_deref() == Some(code));
                if let (true, Some(group)) = (begins, group) {
                    let length = chains.iter().skip(at).take_while(same).count();
                    cells.push(Cell::new(Part::Group, self.labels.group(group)).span(length, 1));
                }
            }
            cells.push(self.item_cell(*item).span(1, label_columns - chain.len()));
            cells.extend(columns.iter().map(|c| self.value(*item, *c)));
            rows.push(Row::new(Kind::Values, cells));
        }
        Sheet { rows, label_columns, width: label_columns + columns.len(), ..Sheet::default() }
    }

    /// The head over one row an item: the corner, what stands over all columns, columns and headings, columns under
    /// headings.
    fn head(&self, columns: &[usize], label_columns: usize) -> Vec<Row> {
        let under = |c: usize| self.table.columns.get(c).and_then(|c| c.under.as_deref());
        let deep = usize::from(columns.iter().any(|c| under(*c).is_some()));
        let over = !self.labels.over_columns.is_empty();
        let mut upper = Vec::new();
        let mut lower = Vec::new();
        let mut last = None;
        for c in columns {
            match under(*c) {
                None => upper.push(self.head_cell(*c).span(1 + deep, 1)),
                Some(code) => {
                    if last != Some(code) {
                        let length = columns.iter().filter(|c| under(**c) == Some(code)).count();
                        upper.push(Cell::new(Part::Head, self.labels.heading(code)).span(1, length));
                    }
                    lower.push(self.head_cell(*c));
                }
            }
            last = under(*c);
        }
        let mut rows = vec![Row::new(Kind::Head, upper)];
        if deep > 0 {
            rows.push(Row::new(Kind::Head, lower));
        }
        if over {
            let cell = Cell::new(Part::Head, &self.labels.over_columns).span(1, columns.len());
            rows.insert(0, Row::new(Kind::Head, vec![cell]));
        }
        let corner = Cell::new(Part::Head, &self.labels.corner).span(rows.len(), label_columns);
        rows.iter_mut().take(1).for_each(|r| r.cells.insert(0, corner.clone()));
        rows
    }

    /// A small table for each item, under its name.
    fn captioned(&self, apart: bool) -> Sheet {
        let mut rows = Vec::new();
        let mut width = 0;
        for (i, item) in self.table.items.iter().enumerate() {
            let columns = self.columns(i);
            width = columns.len();
            let name = self.labels.item(self.table, i);
            let over = self.labels.over_items.iter().find(|o| o.items.iter().any(|x| **x == *item.code));
            let caption = over.map_or(name.to_owned(), |over| format!("{}（{name}）", over.label));
            rows.push(match apart {
                true => Row::interruption(&caption),
                false => Row::new(Kind::Clause, vec![Cell::new(Part::Group, &caption).span(1, width)]),
            });
            if !self.options.without_head {
                rows.push(Row::new(Kind::Head, columns.iter().map(|c| self.head_cell(*c)).collect()));
            }
            rows.push(Row::new(Kind::Values, columns.iter().map(|c| self.value(i, *c)).collect()));
        }
        Sheet { rows, label_columns: 0, width, ..Sheet::default() }
    }

    /// All items side by side in one row.
    fn across(&self) -> Sheet {
        let mut heads = [Vec::new(), Vec::new(), Vec::new()];
        let mut values = Vec::new();
        for (i, item) in self.table.items.iter().enumerate() {
            let columns = self.columns(i);
            let over = self.labels.over_items.iter().find(|o| o.items.iter().any(|x| **x == *item.code));
            let [top, middle, bottom] = &mut heads;
            match over {
                None => {
                    top.push(self.item_cell(i).span(1, columns.len()));
                    middle.extend(columns.iter().map(|c| self.head_cell(*c).span(2, 1)));
                }
                Some(over) => {
                    if over.items.first().is_some_and(|x| **x == *item.code) {
                        top.push(
                            Cell::new(Part::Head, &over.label).span(1, columns.len() * over.items.len()),
                        );
                    }
                    middle.push(self.item_cell(i).span(1, columns.len()));
                    bottom.extend(columns.iter().map(|c| self.head_cell(*c)));
                }
            }
            values.extend(columns.iter().map(|c| self.value(i, *c)));
        }
        let width = values.len();
        let mut rows = Vec::new();
        if !self.options.without_head {
            rows.extend(heads.into_iter().filter(|h| !h.is_empty()).map(|h| Row::new(Kind::Head, h)));
            if self.labels.over_items.is_empty() {
                rows.iter_mut().flat_map(|r| &mut r.cells).for_each(|c| c.rowspan = 1);
            }
        }
        rows.push(Row::new(Kind::Values, values));
        Sheet { rows, label_columns: 0, width, ..Sheet::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::{Options, sheet};
    use crate::figures::{Figures, Size};
    use crate::sheet::resolve;
    use fastrand::Rng;
    use gongkai_registry::Registry;

    #[test]
    fn sheets_are_full_rectangles_that_print_every_cell_once() {
        let mut rng = Rng::with_seed(1);
        for form in Registry::embedded().forms.iter().filter(|f| !f.tables.is_empty()) {
            let figures = Figures::draw(form, Size::Large, &mut rng);
            for (t, table) in form.tables.iter().enumerate() {
                for shuffled in [false, true] {
                    let options = Options { shuffled, counts: true, ..Options::default() };
                    let mut sheet = sheet(form, t, &figures, options, &mut rng);
                    let grid = resolve(&sheet.rows);
                    assert!(
                        grid.iter().all(|line| line.len() == sheet.width),
                        "{} {}",
                        form.code,
                        table.table
                    );
                    let mut ids: Vec<_> =
                        sheet.inked_mut().flat_map(|c| c.inks.clone()).map(|i| i.id).collect();
                    ids.sort_unstable();
                    ids.dedup();
                    assert_eq!(ids.len(), table.cell_count());
                }
            }
        }
    }
}
