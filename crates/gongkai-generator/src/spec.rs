//! What to print.

use std::fmt;

/// Code of an edition of the form, as in the registry: `2021`, `2019`.
pub type FormCode = &'static str;

/// What to print; the same spec always prints the same bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spec {
    /// Seed of everything random.
    pub seed: u64,
    /// Edition of the form.
    pub form: FormCode,
    /// How tables are written.
    pub layout: Layout,
    /// What happened to the document; the order does not matter.
    pub damages: Vec<Damage>,
    /// Traditional characters.
    pub traditional: bool,
    /// Encoding of the bytes.
    pub charset: Charset,
}

impl Spec {
    /// Whether the capture ends before the document does.
    pub(crate) fn is_cut(&self) -> bool {
        self.has(Damage::TruncatedPage) || self.has(Damage::CutOff)
    }

    /// Whether the document has a damage.
    pub fn has(&self, damage: Damage) -> bool {
        self.damages.contains(&damage)
    }
}

/// Encoding of the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Charset {
    /// UTF-8, declared in HTML.
    Utf8,
    /// UTF-8 with a byte order mark, not declared.
    Utf8Bom,
    /// GB 18030, declared as `gb2312` as old sites do, or not at all.
    Gb18030,
    /// Big5; only for traditional script. What it lacks becomes a character reference in HTML, else `?`.
    Big5,
    /// UTF-16, little endian with a byte order mark, as saved by desktop programs.
    Utf16Le,
}

impl Charset {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Utf8, Self::Utf8Bom, Self::Gb18030, Self::Big5, Self::Utf16Le];
}

/// How the tables of a document are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layout {
    /// HTML tables with row and column spans as the form has them.
    HtmlSpans,
    /// HTML tables whose span attributes an editor stripped: rows are ragged, values follow their label in order.
    HtmlSpansLost,
    /// HTML tables whose head does not line up with the value cells: stray empty head cells, spans too wide.
    HtmlMisalignedHead,
    /// HTML tables inside layout tables, two deep.
    HtmlNested,
    /// HTML in which every cell has become a row, division or paragraph of its own.
    HtmlCellALine,
    /// HTML whose page is one table, also titles and sentences, as spreadsheets are saved.
    HtmlOneTable,
    /// HTML with one small table a group or a row.
    HtmlSplitTables,
    /// HTML without tables: a paragraph a row, cells kept apart by runs of non-breaking or wide blanks.
    HtmlSpacedRows,
    /// HTML with a `pre` element of space-aligned columns.
    HtmlPre,
    /// Text, bars between cells; the bars of spanned cells trail or stand in place.
    Pipe,
    /// Text, a cell a line, a bar behind each, double bars for spanned cells.
    PipeCellALine,
    /// Text, tabs between cells, empty fields under spans.
    Tab,
    /// Text, columns aligned by blanks.
    SpaceAligned,
    /// Text, a cell a line and nothing else.
    CellALine,
    /// Whole Markdown tables; what spans covered is empty or repeated.
    Markdown,
    /// Markdown as optical recognition writes it: one small table a row, heads invented.
    MarkdownOcr,
    /// Markdown as data frames print themselves: every place of a span filled, numbers before rows and over columns.
    MarkdownIndexed,
    /// Markdown whose tables are LaTeX.
    Latex,
    /// Text, tables drawn with lines.
    Boxes,
    /// Text extracted from pages with its columns: words wrapped in narrow cells, figures in the middle of their rows.
    LaidOut,
    /// Text extracted from pages in reading order: words wrapped in lines, figures behind them, blanks between.
    RawOrder,
    /// Text with nothing between cells: digits of neighbours run together.
    Flattened,
    /// Text in one line with a blank between cells.
    FlattenedSpaced,
}

impl Layout {
    /// All of them.
    pub const ALL: [Self; 23] = [
        Self::HtmlSpans,
        Self::HtmlSpansLost,
        Self::HtmlMisalignedHead,
        Self::HtmlNested,
        Self::HtmlCellALine,
        Self::HtmlOneTable,
        Self::HtmlSplitTables,
        Self::HtmlSpacedRows,
        Self::HtmlPre,
        Self::Pipe,
        Self::PipeCellALine,
        Self::Tab,
        Self::SpaceAligned,
        Self::CellALine,
        Self::Markdown,
        Self::MarkdownOcr,
        Self::MarkdownIndexed,
        Self::Latex,
        Self::Boxes,
        Self::LaidOut,
        Self::RawOrder,
        Self::Flattened,
        Self::FlattenedSpaced,
    ];

    /// Whether only programs that turn pages and documents into others write so.
    pub fn is_of_a_tool(self) -> bool {
        use Layout::*;
        matches!(self, HtmlOneTable | MarkdownIndexed | Latex | Boxes | LaidOut | RawOrder)
    }

    /// Whether the document is HTML.
    pub fn is_html(self) -> bool {
        use Layout::*;
        let html = [HtmlSpans, HtmlSpansLost, HtmlMisalignedHead, HtmlNested, HtmlCellALine, HtmlSplitTables];
        html.contains(&self) || matches!(self, HtmlOneTable | HtmlSpacedRows | HtmlPre)
    }

    /// Whether it is Markdown.
    pub fn is_markdown(self) -> bool {
        matches!(self, Self::Markdown | Self::MarkdownOcr | Self::MarkdownIndexed | Self::Latex)
    }

    /// Whether it is HTML with table elements whose rows are the form's rows.
    pub fn has_html_tables(self) -> bool {
        self.is_html() && !matches!(self, Self::HtmlCellALine | Self::HtmlSpacedRows | Self::HtmlPre)
    }

    /// Whether an empty cell keeps a place that can be seen.
    pub fn shows_blanks(self) -> bool {
        self.has_html_tables() || self.is_markdown() || matches!(self, Self::Tab | Self::Boxes)
    }

    /// Whether cells are kept apart by markup, bars, tabs or columns, rows by lines.
    pub fn is_grid(self) -> bool {
        self.shows_blanks() || self.is_aligned() || matches!(self, Self::Pipe)
    }

    /// Whether rows are lines in which columns are kept apart by blanks only.
    pub fn is_aligned(self) -> bool {
        matches!(self, Self::SpaceAligned | Self::HtmlPre | Self::HtmlSpacedRows | Self::LaidOut)
    }

    /// Whether every cell is a line or paragraph of its own.
    pub fn is_cell_a_line(self) -> bool {
        matches!(self, Self::CellALine | Self::PipeCellALine | Self::HtmlCellALine)
    }

    /// Whether the whole table is one run of text.
    pub fn is_flat(self) -> bool {
        matches!(self, Self::Flattened | Self::FlattenedSpaced)
    }

    /// File name extension.
    pub fn extension(self) -> &'static str {
        if self.is_html() {
            "html"
        } else if self.is_markdown() {
            "md"
        } else {
            "txt"
        }
    }
}

/// What happened to a document. Each says what happens in the world, and what stays certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Damage {
    /// Nothing. All cells are certain that the layout keeps apart.
    None,
    /// Fonts change inside a number, narrow cells wrap: `1` `2` in two spans, paragraphs, or with a blank. Spans are
    /// invisible, the number stays certain; digits in two paragraphs or with a blank between are open.
    NumbersSplit,
    /// The same with labels and head words, down to one character a paragraph. Nothing is lost.
    WordsSplit,
    /// Agencies shorten labels (`本年新收申请数量`) or cut their end. The row stays certain: no other label begins so.
    LabelsShortened,
    /// Optical recognition misreads one character of a label. Certain where the label is long enough and no other
    /// label is as near; of labels with fewer than four characters the row is open.
    LabelMisspelt,
    /// Labels and heads in other words, with or without their ordinals (`data/wordings.toml`). Nothing is lost.
    Reworded,
    /// Slips in labels and heads: characters dropped, doubled, swapped (`其他法律行政止公开`). Certain where a label is long
    /// enough and no other is nearly as near, else open.
    Misprinted,
    /// Long explanations in brackets in labels and heads, which name other items and hold numbers. Nothing is lost.
    Explained,
    /// A row that the form does not have (`其他主动公开文件`), with figures. The others are certain.
    ExtraItemRow,
    /// Radicals stand for characters of the same shape, as in text layers of pages. Nothing is lost.
    KangxiRadicals,
    /// Remarks behind labels: `（件）`, `（注）`, an asterisk. Nothing is lost.
    LabelNoted,
    /// The cell of a group is printed again in the middle of the group, as at a page break. Nothing is lost.
    GroupCellRepeated,
    /// A group cell's rowspan reaches into the next group, whose first row moves right. The order of values stays.
    OverflowingRowspan,
    /// End tags of cells, rows, paragraphs and spans are left out, a table is not closed. Browsers recover; nothing
    /// is lost.
    UnclosedTags,
    /// The page begins with a table of metadata (索引号, 发布机构, 公开日期), which may name items of the form.
    DecoyMetadataCard,
    /// The narrative holds a table by departments whose head names items of the form. It is no part of the form.
    DecoyDepartmentTable,
    /// A second full table with last year's figures beside this year's, both captioned. This year's is certain.
    LastYearBeside,
    /// The same without captions: which is this year's cannot be known; the cells of that table are open.
    LastYearUncaptioned,
    /// Two full sets of tables, 汇总 and 本级, both captioned. The one that the title names is certain.
    SummaryAndOwn,
    /// A second full table of a part of the year (上半年, 第三季度, 1-9月) beside that of the year, both captioned. The year's is
    /// certain.
    OtherPeriodBeside,
    /// The only such table has a caption that says, in words or by a year, that its figures are of another time or nobody's
    /// (上年度情况, 截至9月, 样表). None of them is the year's: absent.
    CaptionOfAnother,
    /// The table of requests is that of the other edition: one row 其他处理 in a form of 2021, three in one of 2019. All that is
    /// printed is certain.
    OtherEditionTable,
    /// Some blocks of the first table are those of the other edition, with their columns. As above.
    EditionsMixed,
    /// Captions carry the rows of a table whose items stand side by side: 行政诉讼（未经复议直接起诉）over a table of five
    /// columns. Nothing is lost.
    CaptionCarriesRow,
    /// One word of the head says another thing than the form's, or narrows it (上年总计, 事业单位). What stands below it is no figure of
    /// the form; all others are certain.
    HeadReplaced,
    /// The table goes on under the head of another table. Rows below that head are open.
    OtherHead,
    /// The report is of a part of the year: its title and period say so. It is no annual report, and nothing in it is a figure of
    /// the year: absent.
    PartOfYear,
    /// Every table is printed twice with the same figures (page and print version). Nothing is lost.
    PrintedTwice,
    /// A template or old version of a table stands in an HTML comment, which is not printed. Nothing is lost.
    CommentedOut,
    /// Empty rows inside and at the end of tables. Nothing is lost.
    ExtraEmptyRows,
    /// An empty column. Nothing is lost where cells are marked and no other cell is blank; else the row is open.
    ExtraEmptyColumn,
    /// A column of ordinals (序号) before the labels. Certain in rows that are lines; in running text open.
    OrdinalColumn,
    /// One value of a row is lost, and with it its cell: which one cannot be known, the row is open, the lost cell is
    /// not printed (arithmetic may give it away, but nothing is imputed).
    LostValue,
    /// All rows of grouped items lost a value (five numbers for six columns). They are open, as above.
    GroupedRowsShort,
    /// On a sheet, where no cell can be missing: one value of a row is lost, and its cell is blank. The others stay certain.
    ValueBlank,
    /// On a sheet: the last value of all rows of grouped items is lost, as above.
    GroupedRowsBlank,
    /// The total column is not printed. Its cells are absent, the others certain: the head says so.
    MissingTotalColumn,
    /// The head is not printed. Rows of the table whose total column proves the order stay certain, the others are
    /// open.
    MissingHead,
    /// Rows of a group, and groups of the first table, are printed in another order. Labels are unique: certain.
    RowsOutOfOrder,
    /// A page number and a repeated head stand inside a table. Certain in grids; in running text the rows beside the
    /// page number are open.
    PageBreakInTable,
    /// A page break inside a label: its end stands behind the page number. Certain in grids as above.
    PageBreakInLabel,
    /// Zeros are blank: absent, NULL. Other values are certain where blanks keep their place, else open.
    ZerosAsBlank,
    /// Zeros are `-` or `—`: NULL. The sign keeps the place.
    ZerosAsDash,
    /// Zeros are `/`: NULL.
    ZerosAsSlash,
    /// Zeros are `无`: NULL.
    ZerosAsWu,
    /// Digits are full-width. Nothing is lost.
    FullWidthDigits,
    /// Thousands are separated, by half-width or full-width commas. Nothing is lost.
    Thousands,
    /// Units behind values: `3件`, `12.5万元`. Nothing is lost.
    Units,
    /// A fee in 万元 is printed in 元 with its unit (`251000元`): open, converted or NULL, but never 251000.
    ForeignUnit,
    /// Remarks behind values: `174（含代办）`. Certain, but open where the remark has digits of its own.
    Notes,
    /// A printed total is wrong: it is certain as printed, and an identity is broken.
    WrongTotal,
    /// Head words are torn over two rows of the head (`本年新` above `制作数量`). Certain in grids; in running text as without
    /// a head.
    HeadsTorn,
    /// Heads say nothing: `数据1`, `Column 2`, `列3`, `Unnamed: 1`. As without a head.
    PlaceholderHeads,
    /// Labels and figures are printed twice in their cells (`规章规章`, `1212`): figures are open, for nobody can tell.
    TextDoubled,
    /// Head words are cut after three or four characters (`本年新`, `本年增/`). Columns stand in order and complete: certain.
    HeadLabelsCut,
    /// The values of some rows stand in a table inside a single cell. Nothing is lost.
    ValueTableInCell,
    /// Cells are padded with non-breaking and wide blanks. Nothing is lost.
    NbspPadding,
    /// Zero-width spaces inside labels and numbers, from pasting. Invisible: nothing is lost.
    ZeroWidthSpaces,
    /// Mirrors print the reading behind characters: `規(guī)章`. Nothing is lost.
    PinyinBrackets,
    /// Values of some rows are run together in one cell (`346085376`), the other cells empty: open, for such a run
    /// cannot be split without guessing.
    DigitsRunTogether,
    /// The end of a figure stands in the next line or row: under it, or where no column can be seen; of one figure, or of
    /// the last of every row. The figure is open, never its beginning; so are the others of the row where nothing shows
    /// whose end it is.
    FigureWrapped,
    /// The same with the decimals of an amount (`145.` `34`).
    DecimalsWrapped,
    /// The same where a page ends inside a figure: its end begins the next page, behind a page number or nothing.
    FigureCutByPage,
    /// Two rows of a group in one: both labels in one cell, both figures in each other cell, joined, or apart by blanks or
    /// lines. Certain where lines part both in marked cells, else open.
    TwoRowsInOne,
    /// A value that spans columns is printed in each of them, and its head with it (three zeros under one column). Certain in
    /// marked cells, else open.
    SpansRepeated,
    /// Beside some figures digits that are not shown (`display:none` and the like). Nothing is lost.
    HiddenText,
    /// Beside some figures others that are struck out. Nothing is lost.
    StruckText,
    /// Raised marks of notes behind figures. Nothing is lost where the document says that they are raised.
    NoteMarks,
    /// Figures are formulas (`$12$`). Nothing is lost.
    MathFigures,
    /// Figures are the values of fields of a form (`<input value="12">`). Nothing is lost.
    InputValues,
    /// The figures of a row stand in the row below their label, beside a blank cell. Nothing is lost in marked cells.
    FiguresBelowLabel,
    /// A row with the unit of the table at its head and one with a remark at its foot. Nothing is lost.
    FootnoteRow,
    /// The capture ends inside a table. Cells behind the cut are absent, a number cut in the middle must be NULL, the
    /// other cells of the last row are open.
    TruncatedPage,
    /// The capture ends anywhere, as those that keep so many characters do; as above.
    CutOff,
    /// The capture is a page of many: it begins inside a table or with one, without title and head. Other cells are absent; those
    /// printed are certain as without a head.
    PageOfMany,
    /// The table with this position in the form is not printed: absent.
    MissingTable(u8),
}

impl Damage {
    /// All that text and markup can show.
    pub const ALL: [Self; 76] = [
        Self::None,
        Self::NumbersSplit,
        Self::WordsSplit,
        Self::LabelsShortened,
        Self::LabelMisspelt,
        Self::Reworded,
        Self::Misprinted,
        Self::Explained,
        Self::ExtraItemRow,
        Self::KangxiRadicals,
        Self::LabelNoted,
        Self::GroupCellRepeated,
        Self::OverflowingRowspan,
        Self::UnclosedTags,
        Self::DecoyMetadataCard,
        Self::DecoyDepartmentTable,
        Self::LastYearBeside,
        Self::LastYearUncaptioned,
        Self::SummaryAndOwn,
        Self::OtherPeriodBeside,
        Self::CaptionOfAnother,
        Self::PartOfYear,
        Self::OtherEditionTable,
        Self::EditionsMixed,
        Self::CaptionCarriesRow,
        Self::HeadReplaced,
        Self::OtherHead,
        Self::PrintedTwice,
        Self::CommentedOut,
        Self::ExtraEmptyRows,
        Self::ExtraEmptyColumn,
        Self::OrdinalColumn,
        Self::LostValue,
        Self::GroupedRowsShort,
        Self::MissingTotalColumn,
        Self::MissingHead,
        Self::RowsOutOfOrder,
        Self::PageBreakInTable,
        Self::PageBreakInLabel,
        Self::ZerosAsBlank,
        Self::ZerosAsDash,
        Self::ZerosAsSlash,
        Self::ZerosAsWu,
        Self::FullWidthDigits,
        Self::Thousands,
        Self::Units,
        Self::ForeignUnit,
        Self::Notes,
        Self::WrongTotal,
        Self::HeadLabelsCut,
        Self::HeadsTorn,
        Self::PlaceholderHeads,
        Self::TextDoubled,
        Self::ValueTableInCell,
        Self::NbspPadding,
        Self::ZeroWidthSpaces,
        Self::PinyinBrackets,
        Self::DigitsRunTogether,
        Self::FigureWrapped,
        Self::DecimalsWrapped,
        Self::FigureCutByPage,
        Self::TwoRowsInOne,
        Self::SpansRepeated,
        Self::HiddenText,
        Self::StruckText,
        Self::NoteMarks,
        Self::MathFigures,
        Self::InputValues,
        Self::FiguresBelowLabel,
        Self::FootnoteRow,
        Self::TruncatedPage,
        Self::CutOff,
        Self::PageOfMany,
        Self::MissingTable(0),
        Self::MissingTable(1),
        Self::MissingTable(2),
    ];
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}
