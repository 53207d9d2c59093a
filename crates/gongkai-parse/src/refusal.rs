//! Why a row that is printed, or one figure of it, is not read: the list of all reasons.
//!
//! Each has the status its cells get, which decides the finding (`GK202` for figures run together, `GK203` for all
//! others), and a message for people. A test asks for a case of each in `tests/cases`.

use gongkai_model::CellStatus;

macro_rules! refusals {
    ($($(#[doc = $doc:literal])+ $name:ident, $status:ident, $message:literal;)+) => {
        /// Why a row, or a figure of it, is not read.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Refusal {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Refusal {
            /// How the cells of such a row are told to be printed.
            pub(crate) fn status(self) -> CellStatus {
                match self {
                    $(Self::$name => CellStatus::$status,)+
                }
            }

            /// What a person is told.
            pub(crate) fn message(self) -> &'static str {
                match self {
                    $(Self::$name => $message,)+
                }
            }
        }

        #[cfg(test)]
        impl Refusal {
            /// All of them.
            const ALL: &[Self] = &[$(Self::$name,)+];
        }
    };
}

refusals! {
    /// Between the head and the row, or its values, stand words that are none of the form's. In running text only an
    /// unbroken sequence is a table.
    WordsBetween, Unreadable, "other words stand between the head and this row";
    /// The head names other columns, or the form's in an order that lost spans may have made.
    HeadUnclear, Unreadable, "the head does not say which columns these are";
    /// Over the figure stands a word that is none of the form's, in the place of one that is: 事业单位 for 社会公益组织.
    OtherColumn, Unreadable, "the head has another word over this figure";
    /// The head of a table whose items run across names the outcomes in another order.
    OutcomesOutOfOrder, Unreadable, "the head does not name the outcomes in the form's order";
    /// The head of a table whose items run across names the items in another order.
    ChannelsOutOfOrder, Unreadable, "the channels in the head are not in the form's order";
    /// Where columns should be named stand words of another table.
    StrangeHead, Unreadable, "the words above the figures name no column of the form";
    /// There is no head, and the form prescribes no sum that would show the order of the columns.
    OrderUnproved, Unreadable, "no head says which columns these are, and no sum proves their order";
    /// The same rows are printed a second time without figures (a blank form beside the table).
    EmptyTwin, Unreadable, "the document prints two such rows, one of them without figures";
    /// A full row of figures stands above the first label, so that every label may be the one below its figures.
    FiguresAbove, Unreadable, "figures stand above the first label: they may all stand above their labels";
    /// Most rows print their figures beside the label, this one below it: the figures may be another row's.
    FiguresBelow, Unreadable, "the figures of other rows stand beside their labels, not below";
    /// The figures stand below their label, and other rows of figures have none: labels were torn from their rows.
    LabelsTornOff, Unreadable, "rows of figures without a label stand in the table: this one may be another's";
    /// The label above has no figures, and these stand below both: they may be the other's.
    BareLabelAbove, Unreadable, "the label above has no figures: these may be its own";
    /// Another cell of the row holds figures run together.
    RunBeside, RunTogether, "figures of this row are run together: this one may be several";
    /// All cells of the row are blank, and the row below it has figures and no label.
    FiguresInNextRow, Unreadable, "the row is blank, and figures without a label stand in the row below";
    /// More or fewer figures than columns.
    OtherCount, Unreadable, "there are not as many figures as columns";
    /// One figure where several columns should have one.
    OneRun, RunTogether, "one figure for several columns: it may be several run together";
    /// A minus before a figure that cannot be below zero: 0 printed as a dash, and the figure of the next column.
    DashOrMinus, RunTogether, "nothing below zero is counted here: the minus may be a dash of its own, run together with it";
    /// Other rows print one value more (the ordinal of the next row, or one that is lost here).
    OneMoreElsewhere, Unreadable, "other rows print one value more: it is not certain which one is missing here";
    /// Blank cells before and behind the figures: either may be left from lost spans.
    BlankCellsAround, Unreadable, "it is not certain which blank cells are values";
    /// Blank cells among the figures, in a layout where they do not keep their places.
    BlankCellsAmong, Unreadable, "blank cells leave it open which columns the figures stand in";
    /// The sum does not hold, but would if the figures stood in another order.
    OtherOrder, Unreadable, "the sum holds only in another order of the figures";
    /// The label goes on behind the figures, as at the end of a page.
    LabelInterrupted, Unreadable, "its label is interrupted, perhaps by the end of a page: a figure may be its number";
    /// The last of figures one a line is the number that the next row has.
    Ordinal, Unreadable, "the last figure may be the ordinal of the next row";
    /// The sum would hold without a figure that may be the number of a page.
    PageNumber, Unreadable, "the sum does not hold, and one of the figures may be the number of a page";
    /// Where blank cells leave no line, the number of a page makes up for one.
    PageNumberForBlank, Unreadable, "other rows have lost blank cells, and the last figure may be the number of a page";
    /// Figures without a label stand below, on a line or in a row of their own: the rest of a figure that was cut there,
    /// or the number of a page.
    Cut, Unreadable, "figures without a label stand below: one of them may be the rest of this figure";
    /// The document ends in the row, and its sum does not hold: the last figures may go on where it was cut off.
    CutOff, Unreadable, "the document ends in this row, whose sum does not hold";
    /// A cell holds the labels of two rows, whose figures have become one.
    TwoLabels, Unreadable, "the label holds the labels of two rows, whose figures may have run together";
    /// Above the table or in its head stands a unit that counts in more than ones (万件).
    OtherUnit, Unreadable, "a unit above changes what the figures say";
    /// Running text shows no captions.
    ScopeUnsaid, Unreadable, "running text does not say whose figures these are, and the title asks";
    /// A second table of the same rows prints this one otherwise, or not at all.
    TwoTables, Unreadable, "the document prints two such tables, and they do not agree in this row";
}

#[cfg(test)]
mod tests {
    use super::Refusal;
    use std::path::Path;

    #[test]
    fn every_refusal_has_a_case() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
        let files = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().path());
        let snapshots: String = files
            .filter(|p| p.extension().is_some_and(|e| e == "snap"))
            .map(|p| std::fs::read_to_string(p).unwrap())
            .collect();
        let without = |r: &&Refusal| !snapshots.contains(r.message());
        let without: Vec<Refusal> = Refusal::ALL.iter().filter(without).copied().collect();
        assert_eq!(without, [], "reasons that no case in tests/cases shows");
    }
}
