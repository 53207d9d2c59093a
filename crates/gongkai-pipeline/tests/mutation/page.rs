//! A clean report in HTML whose figures can be set one by one.

use gongkai_generator::{Certainty, Truth};
use gongkai_model::{CellFact, Number};
use gongkai_registry::{Form, FormTable, Orientation, Registry};
use std::collections::BTreeMap;
use std::fmt::Write;

/// The figures of one report and the form they are printed in.
pub struct Page {
    form: &'static Form,
    year: i16,
    /// By table, item and column.
    figures: BTreeMap<(String, String, String), Number>,
}

impl Page {
    /// The page of a report of which every figure is known.
    pub fn of(truth: &Truth) -> Self {
        let key =
            |c: &gongkai_generator::TrueCell| (c.table.to_string(), c.item.to_string(), c.column.to_string());
        let figures = truth.cells.iter().map(|c| match c.certainty {
            Certainty::Certain(n) => (key(c), n),
            _ => panic!("{c:?}"),
        });
        let form = Registry::embedded().form(&truth.form).unwrap();
        Self { form, year: truth.year, figures: figures.collect() }
    }

    /// Prints a figure otherwise.
    pub fn set(&mut self, cell: &CellFact, figure: Number) {
        let key = (cell.table.to_string(), cell.item.to_string(), cell.column.to_string());
        *self.figures.get_mut(&key).unwrap() = figure;
    }

    /// The page.
    pub fn html(&self) -> String {
        let mut html = format!("<h1>青禾县水务局{}年政府信息公开工作年度报告</h1>\n", self.year);
        for table in &self.form.tables {
            html.push_str("<table>\n");
            match table.orientation {
                Orientation::Across => self.across(&mut html, table),
                Orientation::Rows => self.rows(&mut html, table),
            }
            html.push_str("</table>\n");
        }
        html.push_str("<p>本年度没有其他需要报告的事项。</p>\n");
        html
    }

    fn figure(&self, table: &FormTable, item: usize, column: usize) -> String {
        let codes = (&table.table, &table.items[item].code, &table.columns[column].code);
        self.figures[&(codes.0.to_string(), codes.1.to_string(), codes.2.to_string())].to_string()
    }

    /// The row of an item.
    fn row(&self, table: &FormTable, item: usize) -> Vec<String> {
        let figures = table.columns_of(item).iter().map(|c| self.figure(table, item, *c));
        std::iter::once(table.items[item].labels[0].clone()).chain(figures).collect()
    }

    /// A row an item; a head above the first row and wherever the columns change.
    fn rows(&self, html: &mut String, table: &FormTable) {
        let mut columns: &[usize] = &[];
        for item in 0..table.items.len() {
            if columns != table.columns_of(item) {
                columns = table.columns_of(item);
                let labels = columns.iter().map(|c| table.columns[*c].labels[0].clone());
                line(html, std::iter::once(String::new()).chain(labels));
            }
            line(html, self.row(table, item));
        }
    }

    /// All items side by side over one row of figures.
    fn across(&self, html: &mut String, table: &FormTable) {
        let items = 0..table.items.len();
        let heads = items.clone().map(|i| {
            let span = table.columns_of(i).len();
            format!("<td colspan={span}>{}</td>", table.items[i].labels[0])
        });
        writeln!(html, "<tr>{}</tr>", heads.collect::<String>()).unwrap();
        line(
            html,
            items.clone().flat_map(|i| table.columns_of(i)).map(|c| table.columns[*c].labels[0].clone()),
        );
        line(html, items.flat_map(|i| self.row(table, i).into_iter().skip(1)));
    }
}

fn line(html: &mut String, cells: impl IntoIterator<Item = String>) {
    let cells: String = cells.into_iter().map(|c| format!("<td>{c}</td>")).collect();
    writeln!(html, "<tr>{cells}</tr>").unwrap();
}
