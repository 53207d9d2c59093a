//! From a spec to bytes and truth.

use crate::figures::{Figures, Size, cells};
use crate::report::{self, Occasion, Report, stream};
use crate::spec::{Charset, Damage, Spec};
use crate::truth::{Certainty, Printed, TrueCell, Truth};
use crate::{damage, encode, ink, judge, layout, legacy};
use gongkai_registry::{Form, Registry};

/// Prints a document; the same spec gives the same bytes. An unknown form prints a report without tables.
pub fn print(spec: &Spec) -> Printed {
    printed(spec, None).0
}

/// Prints a document about what is given instead of what the seed draws.
pub(crate) fn print_on(spec: &Spec, occasion: &Occasion) -> Printed {
    printed(spec, Some(occasion)).0
}

/// The same, with the report before it was written.
pub(crate) fn printed(spec: &Spec, occasion: Option<&Occasion>) -> (Printed, Report) {
    let other;
    let mixed;
    let form = match Registry::embedded().form(spec.form) {
        Some(form) => match crate::mixed::form(spec, form) {
            Some(form) => {
                mixed = form;
                &mixed
            }
            None => form,
        },
        None => {
            other = legacy::family(spec.form).map_or_else(|| empty(spec), legacy::form);
            &other
        }
    };
    let (marked, marks, report, figures) = marked(spec, form, occasion);
    let verdicts = ink::verdicts(&marked, &marks, spec.is_cut());
    let text = ink::strip(&marked);
    let is_report = !spec.has(Damage::PartOfYear);
    let mut truth = Truth {
        is_report,
        form: form.code.to_string(),
        year: report.year,
        agency: report.agency.clone(),
        county_code: Some(report.county.code.clone()).filter(|c| !c.is_empty()),
        cells: Vec::new(),
        broken_identities: figures.broken(form),
    };
    for (t, table) in form.tables.iter().enumerate() {
        for (i, c) in cells(table) {
            if let (Some(item), Some(column)) = (table.items.get(i), table.columns.get(c)) {
                let verdict = verdicts.get(&(t, i, c)).filter(|_| is_report);
                let certainty = verdict.copied().unwrap_or(Certainty::Absent);
                let (item, column) = (item.code.clone(), column.code.clone());
                truth.cells.push(TrueCell { table: table.table.clone(), item, column, certainty });
            }
        }
    }
    if legacy::family(spec.form).is_some() {
        truth.cells.extend(legacy::told_cells(&report, spec));
    }
    let (year, (month, day)) = (report.year + 1, report.day);
    let name = format!("t{year}{month:02}{day:02}_{}.{}", spec.seed, spec.layout.extension());
    (Printed { name, bytes: encode::encode(&text, spec), truth }, report)
}

fn empty(spec: &Spec) -> Form {
    Form {
        code: spec.form.into(),
        zh: String::new(),
        en: String::new(),
        source: String::new(),
        first_year: 2021,
        last_year: None,
        marks: Vec::new(),
        tables: Vec::new(),
    }
}

/// The text with its marks, in its script and cut where it is cut.
pub(crate) fn marked(
    spec: &Spec,
    form: &Form,
    occasion: Option<&Occasion>,
) -> (String, Vec<ink::Mark>, Report, Figures) {
    let mut rng = stream(spec.seed, "figures");
    let drawn = Size::draw(&mut rng);
    let size = if spec.has(Damage::Thousands) { Size::Large } else { drawn };
    let mut figures =
        occasion.map_or_else(|| Figures::draw(form, size, &mut rng), |given| given.figures.clone());
    if spec.has(Damage::WrongTotal) {
        figures.spoil(form, &mut rng);
    }
    let mut report = report::write(spec, form, &figures, occasion);
    damage::apply(&mut report, spec, form);
    judge::judge(&mut report, form, spec.layout);
    layout::prepare(&mut report, spec);
    let marks = ink::number(&mut report);
    let mut text = layout::write(&report, spec);
    if spec.traditional || spec.charset == Charset::Big5 {
        text = encode::traditional(&text, spec.charset);
    }
    if spec.has(Damage::TruncatedPage) {
        let mut rng = stream(spec.seed, "cut");
        text = ink::cut(&text, rng.f64(), rng.bool());
    }
    if spec.has(Damage::CutOff) {
        text = ink::keep(&text, stream(spec.seed, "cut off").f64());
    }
    (text, marks, report, figures)
}
