//! Prints known annual reports in every layout, with every kind of damage, in both scripts and all usual charsets,
//! from a seed: what a reader makes of the bytes can be compared with what was certainly printed.
//!
//! For tests and accuracy runs only. It knows nothing of how gongkai reads; it knows how the forms are built (from the registry:
//! items, columns, sums), what they are called in print (from lists of its own, so that what the parser does not know shows) and
//! what agencies, word processors, content systems, text extraction and optical recognition do to them.
//!
//! # How a document comes about
//! 1. `figures`: numbers for every cell of the form, which satisfy the form's identities.
//! 2. `build`: a `sheet::Sheet` for each statutory table, with the printed labels of `data/labels.toml`; `mixed`: with parts of
//!    another edition.
//! 3. `report`: the whole report around them: title, period, six sections, signature, from `data/words.toml`.
//! 4. `damage`: the damages of the [`Spec`] change sheets and report, and with every change what stays certain. Other words and
//!    misprints of labels are in `data/wordings.toml`.
//! 5. `layout`: the report is written as HTML, text or Markdown; private-use characters mark where each number
//!    begins and ends.
//! 6. `judge`: what the layout and the damages together leave certain.
//! 7. `ink` and `encode`: the page may be cut off, is converted to traditional script, loses its marks and is
//!    encoded.
//!
//! Figures, words and damages draw from separate streams of the same seed: the same seed in another layout prints the
//! same report.
//!
//! A [`Country`] gives figures, names and texts instead of the seed: agencies that report over six years, each year following
//! from the one before, with mistakes planted between them (`cargo run --release -p gongkai-generator --example country -- 30000 FOLDER`).
//! It is a laboratory: every figure is there, and what was planted is all that is wrong. A [`nation`] looks like life (the same example
//! with `life` at the end): townships, agencies that miss years or print dashes for zeros, governments that say for whom they count and
//! governments that do not, most of them with little to report and a few with very much. How much is usual stands in `data/life.toml`.
//!
//! # What is certain
//! The truth of a cell is what a careful person can say who sees only the document, see [`Certainty`]. Where the
//! generator knows more than the page shows, the cell is open: NULL is right, and so is the exact number, but nothing
//! else. Where nothing (or only a blank, dash or word) is printed, only NULL is right, also where arithmetic would
//! give the number away: numbers are never imputed.
//!
//! A blank keeps its place only where cells are marked (tables, bars, tabs, Markdown). In running lines a blank cannot
//! be seen, so that the other numbers of its row are open.

mod build;
mod country;
mod damage;
mod encode;
mod figures;
mod ink;
mod judge;
mod labels;
mod layout;
mod legacy;
mod mixed;
mod paper;
mod print;
mod report;
mod sheet;
mod spec;
mod specs;
#[cfg(test)]
mod tests;
mod truth;
mod words;

pub use country::{Country, Filing, Mistake, country, nation};
pub use legacy::legacy_specs;
pub use paper::{Medium, paper_specs, print_as};
pub use print::print;
pub use spec::{Charset, Damage, FormCode, Layout, Spec};
pub use specs::{makes_sense, specs};
pub use truth::{BrokenIdentity, Certainty, Printed, TrueCell, Truth};
