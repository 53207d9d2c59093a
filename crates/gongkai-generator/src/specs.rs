//! Specs that cover layouts, damages, scripts and charsets evenly.

use crate::report::stream;
use crate::spec::{Charset, Damage, FormCode, Layout, Spec};
use fastrand::Rng;
use gongkai_registry::Registry;

/// Scripts and the charsets they are seen in.
pub(crate) const INKS: [(bool, Charset); 7] = [
    (false, Charset::Utf8),
    (true, Charset::Utf8),
    (false, Charset::Gb18030),
    (true, Charset::Big5),
    (false, Charset::Utf16Le),
    (true, Charset::Gb18030),
    (false, Charset::Utf8Bom),
];

/// So many specs: layouts × damages in an order drawn from the seed, each with the next form, script and charset; a
/// third of the documents have a second damage.
pub fn specs(count: usize, seed: u64) -> impl Iterator<Item = Spec> {
    let mut rng = stream(seed, "specs");
    let forms: Vec<FormCode> =
        Registry::embedded().forms.iter().filter(|f| !f.tables.is_empty()).map(|f| f.code.as_ref()).collect();
    let mut pairs: Vec<(Layout, Damage)> = Vec::new();
    for layout in Layout::ALL {
        pairs.extend(Damage::ALL.into_iter().filter(|d| fits(layout, *d)).map(|d| (layout, d)));
    }
    rng.shuffle(&mut pairs);
    (0..count).filter_map(move |number| {
        let (layout, first) = *pairs.get(number % pairs.len().max(1))?;
        let round = number / pairs.len().max(1);
        let (traditional, charset) = *INKS.get((number + round) % INKS.len())?;
        let form = *forms.get((number / 2 + round) % forms.len().max(1))?;
        let mut damages = vec![first];
        if rng.u32(0..3) == 0 {
            damages.extend(second(layout, first, &mut rng));
        }
        let mut spec = Spec { seed: rng.u64(..), form, layout, damages, traditional, charset };
        if !makes_sense(&spec) {
            // Only the charset can still be in the way.
            spec.charset = Charset::Utf8;
        }
        Some(spec)
    })
}

/// Another damage that goes with the first.
fn second(layout: Layout, first: Damage, rng: &mut Rng) -> Option<Damage> {
    let goes = |d: &Damage| go_together(first, *d) && !is_traceless(layout, first, *d);
    let fitting = Damage::ALL.into_iter().filter(|d| *d != Damage::None && fits(layout, *d) && goes(d));
    rng.choice(fitting.collect::<Vec<_>>())
}

/// Whether such a document can exist, and the generator knows what it leaves certain.
pub fn makes_sense(spec: &Spec) -> bool {
    let exotic = [Damage::PinyinBrackets, Damage::ZeroWidthSpaces, Damage::KangxiRadicals];
    let exotic = exotic.into_iter().any(|d| spec.has(d));
    let lossy = spec.charset == Charset::Big5 && !spec.layout.is_html();
    let pairs_fit = spec.damages.iter().enumerate().all(|(i, a)| {
        spec.damages.iter().skip(i + 1).all(|b| go_together(*a, *b) && !is_traceless(spec.layout, *a, *b))
    });
    let script_fits = spec.traditional || spec.charset != Charset::Big5;
    script_fits && !(exotic && lossy) && pairs_fit && spec.damages.iter().all(|d| fits(spec.layout, *d))
}

/// Whether a damage changes anything in a layout, and can happen there.
fn fits(layout: Layout, damage: Damage) -> bool {
    use Damage::*;
    let flattened = layout == Layout::Flattened;
    match damage {
        UnclosedTags => layout.is_html() && !matches!(layout, Layout::HtmlPre | Layout::HtmlSpacedRows),
        MathFigures => layout.is_markdown() && layout != Layout::Latex,
        CommentedOut => layout.is_html(),
        HiddenText | StruckText | NoteMarks | InputValues => layout.has_html_tables(),
        // Where words of a head are wrapped, those that the forms do not have cannot be put together again.
        HeadReplaced => !flattened && layout != Layout::LaidOut,
        SpansRepeated if layout == Layout::MarkdownIndexed => false,
        SpansRepeated => layout.shows_blanks() || layout == Layout::Pipe || layout.is_cell_a_line(),
        OtherHead => !layout.is_flat() && !layout.is_cell_a_line() && layout != Layout::MarkdownOcr,
        OverflowingRowspan => {
            matches!(layout, Layout::HtmlSpans | Layout::HtmlMisalignedHead | Layout::HtmlNested)
        }
        ValueTableInCell => layout.has_html_tables(),
        NumbersSplit => {
            (layout.is_html() && layout != Layout::HtmlPre) || (layout.is_grid() && !layout.is_aligned())
        }
        NbspPadding => layout.shows_blanks() || matches!(layout, Layout::Pipe | Layout::HtmlCellALine),
        ExtraEmptyColumn => layout.shows_blanks() || layout == Layout::Pipe,
        // Their own words are wrapped, and their spans filled.
        WordsSplit => !matches!(layout, Layout::LaidOut | Layout::RawOrder),
        OrdinalColumn | ExtraEmptyRows => !layout.is_flat(),
        LastYearBeside | LastYearUncaptioned | SummaryAndOwn | PrintedTwice | DecoyDepartmentTable
        | OtherPeriodBeside | CaptionOfAnother => !flattened,
        FigureWrapped | DecimalsWrapped | FigureCutByPage | TwoRowsInOne => !flattened,
        // Where cells are not marked, figures in a line of their own are what they are in other layouts.
        FiguresBelowLabel => layout.shows_blanks() && layout != Layout::MarkdownOcr,
        PageBreakInTable | PageBreakInLabel | LostValue | GroupedRowsShort | DigitsRunTogether => !flattened,
        _ => true,
    }
}

/// What a damage is about; two of one kind get into each other's way.
fn kind(damage: Damage) -> u8 {
    use Damage::*;
    match damage {
        LabelsShortened | LabelMisspelt | PinyinBrackets | LabelNoted | PageBreakInLabel | Reworded
        | Misprinted | Explained | KangxiRadicals => 1,
        LostValue | GroupedRowsShort | MissingTotalColumn | MissingHead | DigitsRunTogether
        | ValueTableInCell => 2,
        FigureWrapped | DecimalsWrapped | FigureCutByPage | TwoRowsInOne | FiguresBelowLabel | HeadsTorn
        | PlaceholderHeads | TextDoubled | SpansRepeated | HeadReplaced | OtherHead | CaptionCarriesRow => 2,
        ZerosAsBlank | ZerosAsDash | ZerosAsSlash | ZerosAsWu => 3,
        LastYearBeside | LastYearUncaptioned | SummaryAndOwn | PrintedTwice | CommentedOut
        | OtherPeriodBeside | CaptionOfAnother | PageOfMany => 4,
        ExtraEmptyColumn | OrdinalColumn => 5,
        Units | ForeignUnit | Notes | HiddenText | StruckText | NoteMarks | InputValues | MathFigures => 6,
        MissingTable(_) => 7,
        OtherEditionTable | EditionsMixed => 8,
        _ => 0,
    }
}

/// Whether two damages can meet in one document without making its truth doubtful.
fn go_together(a: Damage, b: Damage) -> bool {
    use Damage::*;
    let pair = |x: Damage, y: Damage| (a, b) == (x, y) || (a, b) == (y, x);
    let lacks_head = |d: Damage| matches!(d, MissingHead | PlaceholderHeads | HeadsTorn | PageOfMany);
    let headless = (lacks_head(a) && spoils_order(b)) || (lacks_head(b) && spoils_order(a));
    let same = a == b || (kind(a) != 0 && kind(a) == kind(b));
    let bad = pair(WrongTotal, MissingTotalColumn)
        || pair(WordsSplit, PageBreakInLabel)
        || pair(WordsSplit, PinyinBrackets)
        || pair(WordsSplit, HeadsTorn)
        || pair(WordsSplit, TextDoubled)
        // A table that is not closed takes the place before the one it stands in: the rest is not below its figure.
        || pair(UnclosedTags, FigureCutByPage)
        || pair(UnclosedTags, CaptionOfAnother)
        // Where the rest of a figure is cut off as well, nothing says that it had one.
        || pair(FigureCutByPage, CutOff)
        || pair(WordsSplit, KangxiRadicals)
        || pair(NumbersSplit, TextDoubled)
        || pair(NumbersSplit, InputValues)
        || pair(DigitsRunTogether, HiddenText)
        // A page that begins below the head does not show its words.
        || pair(HeadReplaced, PageOfMany)
        // Words that the forms do not have cannot be put together again.
        || pair(HeadReplaced, WordsSplit)
        || pair(CaptionCarriesRow, MissingTable(2))
        || pair(HeadLabelsCut, Reworded)
        || pair(HeadLabelsCut, Misprinted)
        || pair(NumbersSplit, DigitsRunTogether)
        || pair(PageBreakInTable, PageBreakInLabel)
        || pair(UnclosedTags, ValueTableInCell)
        || pair(ZerosAsBlank, DigitsRunTogether)
        // Where the second of two such tables is cut off, nothing says that there were two.
        || pair(LastYearUncaptioned, TruncatedPage)
        || pair(LastYearUncaptioned, CutOff)
        || pair(TruncatedPage, CutOff)
        || pair(PageOfMany, CutOff)
        || pair(PageOfMany, TruncatedPage)
        || pair(NumbersSplit, MathFigures)
        || pair(TextDoubled, MathFigures)
        || pair(FigureWrapped, MathFigures)
        || pair(FigureCutByPage, PageBreakInTable)
        || pair(FigureCutByPage, PageBreakInLabel)
        || pair(ZerosAsBlank, LostValue);
    !(same || bad || headless)
}

/// Whether the rest of a figure, or its copy, looks like the next one, because blank cells leave no trace.
fn is_traceless(layout: Layout, a: Damage, b: Damage) -> bool {
    let is_cut =
        |d: Damage| matches!(d, Damage::FigureCutByPage | Damage::FigureWrapped | Damage::SpansRepeated);
    let blank = |d: Damage| d == Damage::ZerosAsBlank;
    (layout == Layout::FlattenedSpaced || layout.is_cell_a_line())
        && ((is_cut(a) && blank(b)) || (is_cut(b) && blank(a)))
}

/// Whether the order of columns cannot be proved by sums any more.
fn spoils_order(damage: Damage) -> bool {
    use Damage::*;
    let zero = kind(damage) == 3;
    zero || matches!(
        damage,
        WrongTotal | ExtraEmptyColumn | OrdinalColumn | Units | Notes | HeadLabelsCut | NumbersSplit
    )
}
