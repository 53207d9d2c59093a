//! What the printed text must show for the truth to be true.

use crate::ink::{self, END};
use crate::print::marked;
use crate::report::Report;
use crate::spec::{Charset, Damage, Layout, Spec};
use crate::truth::{Certainty, TrueCell};
use crate::{figures, makes_sense, print, specs};
use gongkai_model::Number;
use gongkai_registry::{Form, Registry};
use std::collections::{BTreeMap, BTreeSet};

fn form(code: &str) -> &'static Form {
    Registry::embedded().form(code).unwrap()
}

/// The form as the spec has it printed.
fn form_of(spec: &Spec) -> Form {
    let own = form(spec.form);
    crate::mixed::form(spec, own).unwrap_or_else(|| own.clone())
}

/// Every layout with every damage in both forms, charsets and scripts in turn.
fn all() -> Vec<Spec> {
    let mut all = Vec::new();
    for form in ["2021", "2019"] {
        for layout in Layout::ALL {
            for damage in Damage::ALL {
                let n = all.len();
                let charset = Charset::ALL[n % Charset::ALL.len()];
                let traditional = charset == Charset::Big5 || n % 2 == 0;
                let seed = n as u64 * 7919;
                all.push(Spec { seed, form, layout, damages: vec![damage], traditional, charset });
            }
        }
    }
    all
}

/// Text as seen: tags and comments gone (a bar in their place), invisible characters gone, entities resolved.
fn visible(text: &str, html: bool) -> String {
    let mut out = String::new();
    let mut tag = String::new();
    let mut inside = false;
    for c in text.chars() {
        match c {
            '\u{200b}' | '\u{feff}' | '\u{200c}' => {}
            '<' if html => (inside, tag) = (true, String::new()),
            '>' if html && inside => {
                inside = tag.starts_with("!--") && !tag.ends_with("--");
                // Inline elements part nothing.
                if !inside && !tag.trim_start_matches('/').starts_with("span") {
                    out.push('|');
                }
            }
            c if inside => tag.push(c),
            c => out.push(c),
        }
    }
    out.replace("&nbsp;", " ")
}

fn half_width(c: char) -> char {
    if ('０'..='９').contains(&c) { char::from_u32(c as u32 - 0xff10 + 0x30).unwrap() } else { c }
}

fn is_digit(c: Option<char>) -> bool {
    c.is_some_and(|c| half_width(c).is_ascii_digit())
}

/// The printed text of each mark with the characters before and behind it.
fn places(text: &str) -> BTreeMap<usize, (Option<char>, String, Option<char>)> {
    let chars: Vec<char> = text.chars().collect();
    let mut places = BTreeMap::new();
    for (i, c) in chars.iter().enumerate() {
        if let Some(mark) = ink::begins(*c) {
            let inner: String = chars[i + 1..].iter().take_while(|c| **c != END).collect();
            let end = i + 2 + inner.chars().count();
            let plain = |c: &&char| **c != END && ink::begins(**c).is_none();
            let before = chars[..i].iter().rev().find(plain).copied();
            places
                .insert(mark, (before, inner, chars.get(end..).and_then(|r| r.iter().find(plain)).copied()));
        }
    }
    places
}

fn certain(cells: &[TrueCell]) -> usize {
    cells.iter().filter(|c| matches!(c.certainty, Certainty::Certain(_))).count()
}

#[test]
fn every_layout_prints_every_damage() {
    for spec in all() {
        let printed = print(&spec);
        let least = if spec.has(Damage::PageOfMany) { 40 } else { 300 };
        assert!(printed.bytes.len() > least, "{spec:?}");
        let expected: usize = form_of(&spec).tables.iter().map(|t| t.cell_count()).sum();
        assert_eq!(printed.truth.cells.len(), expected);
        assert_eq!(printed.truth.county_code.as_ref().map(String::len), Some(6));
    }
}

#[test]
fn the_same_spec_prints_the_same_bytes() {
    for spec in specs(300, 5) {
        assert_eq!(print(&spec), print(&spec), "{spec:?}");
    }
    let list = |seed| specs(300, seed).collect::<Vec<_>>();
    assert_eq!(list(5), list(5));
    assert_ne!(list(5), list(6));
}

#[test]
fn certain_numbers_are_printed_whole_and_touch_no_other_digit() {
    for spec in all().into_iter().chain(specs(3000, 11)) {
        let form = &form_of(&spec);
        let (text, marks, _, _) = marked(&spec, form, None);
        let verdicts = ink::verdicts(&text, &marks, spec.is_cut());
        let places = places(&visible(&text, spec.layout.is_html()));
        for (mark, (before, inner, behind)) in places {
            for (id, verdict) in marks[mark].ids().into_iter().filter_map(|id| Some((id, verdicts.get(&id)?)))
            {
                let Certainty::Certain(number) = verdict else { continue };
                let digits: String = inner.chars().map(half_width).filter(|c| !",，|".contains(*c)).collect();
                assert!(digits.contains(&number.to_string()), "{spec:?} {id:?}: {number} is not in {inner}");
                // What is hidden, struck out or raised beside a figure touches it in the text alone.
                if [Damage::HiddenText, Damage::StruckText, Damage::NoteMarks]
                    .into_iter()
                    .any(|d| spec.has(d))
                {
                    continue;
                }
                let sign = |c: Option<char>| is_digit(c) || c.is_some_and(|c| ".-+".contains(c));
                assert!(!sign(before) && !is_digit(behind), "{spec:?} {id:?}: {before:?} {inner} {behind:?}");
            }
        }
    }
}

fn number_of(cell: &TrueCell) -> Option<Number> {
    match cell.certainty {
        Certainty::Certain(n) | Certainty::Open(Some(n)) => Some(n),
        Certainty::Open(None) | Certainty::Absent => None,
    }
}

#[test]
fn figures_that_are_printed_satisfy_the_identities_that_are_not_broken() {
    for spec in all().into_iter().chain(specs(2000, 3)) {
        let printed = print(&spec).truth;
        let form = &form_of(&spec);
        let ids = form.tables.iter().enumerate();
        let ids = ids.flat_map(|(t, table)| figures::cells(table).map(move |(i, c)| (t, i, c)));
        let numbers: BTreeMap<figures::Id, Option<Number>> =
            ids.zip(printed.cells.iter().map(number_of)).collect();
        let value = |id: figures::Id| numbers.get(&id).copied().flatten();
        for (t, table) in form.tables.iter().enumerate() {
            for identity in &table.identities {
                let is_row = identity.axis == gongkai_registry::Axis::Row;
                for line in 0..if is_row { table.items.len() } else { table.columns.len() } {
                    let (left, right) = figures::terms(t, table, identity, line);
                    let sum = |ids: Vec<figures::Id>| ids.into_iter().map(value).sum::<Option<Number>>();
                    let (Some(left), Some(right)) = (sum(left), sum(right)) else { continue };
                    let code = if is_row { &table.items[line].code } else { &table.columns[line].code };
                    let broken = printed
                        .broken_identities
                        .iter()
                        .any(|b| b.table == table.table && b.identity == identity.code && b.line == *code);
                    assert_eq!(left != right, broken, "{spec:?} {} {code}", identity.code);
                }
            }
        }
        assert_eq!(printed.broken_identities.is_empty(), !spec.has(Damage::WrongTotal), "{spec:?}");
    }
}

#[test]
fn undamaged_documents_are_certain_where_the_layout_keeps_cells_apart() {
    for spec in all().into_iter().filter(|s| s.damages == [Damage::None]) {
        let cells = print(&spec).truth.cells;
        if spec.layout == Layout::Flattened {
            // Only rows with a single value can be told from their neighbours.
            let single = if spec.form == "2021" { 4 } else { 0 };
            assert_eq!(certain(&cells), single, "{spec:?}");
        } else {
            assert_eq!(certain(&cells), cells.len(), "{spec:?}");
        }
    }
}

/// How many cells are certain, open with a number, open without, absent, in a plain grid with one damage.
fn counts(damage: Damage) -> [usize; 4] {
    let (layout, charset) = (Layout::HtmlSpans, Charset::Utf8);
    // A report with large figures: no zeros that a damage could turn into something else.
    let seeds = 0..200;
    let large = |seed: &u64| {
        let mut rng = crate::report::stream(*seed, "figures");
        figures::Size::draw(&mut rng) == figures::Size::Large
    };
    let seed = seeds.clone().find(large).unwrap();
    let spec = Spec { seed, form: "2021", layout, damages: vec![damage], traditional: false, charset };
    let mut counts = [0; 4];
    for cell in print(&spec).truth.cells {
        counts[match cell.certainty {
            Certainty::Certain(_) => 0,
            Certainty::Open(Some(_)) => 1,
            Certainty::Open(None) => 2,
            Certainty::Absent => 3,
        }] += 1;
    }
    counts
}

#[test]
fn damages_leave_certain_what_they_say() {
    // Form 2021: 10 cells, 25 lines of 7, 3 channels of 5.
    for harmless in [
        Damage::None,
        Damage::WordsSplit,
        Damage::LabelsShortened,
        Damage::LabelNoted,
        Damage::GroupCellRepeated,
        Damage::OverflowingRowspan,
        Damage::UnclosedTags,
        Damage::DecoyMetadataCard,
        Damage::DecoyDepartmentTable,
        Damage::LastYearBeside,
        Damage::SummaryAndOwn,
        Damage::PrintedTwice,
        Damage::CommentedOut,
        Damage::ExtraEmptyRows,
        Damage::ExtraEmptyColumn,
        Damage::OrdinalColumn,
        Damage::RowsOutOfOrder,
        Damage::PageBreakInTable,
        Damage::PageBreakInLabel,
        Damage::FullWidthDigits,
        Damage::Thousands,
        Damage::Units,
        Damage::WrongTotal,
        Damage::HeadLabelsCut,
        Damage::ValueTableInCell,
        Damage::NbspPadding,
        Damage::ZeroWidthSpaces,
        Damage::PinyinBrackets,
        Damage::FootnoteRow,
        Damage::Reworded,
        Damage::Explained,
        Damage::ExtraItemRow,
        Damage::KangxiRadicals,
        Damage::CaptionCarriesRow,
        Damage::OtherPeriodBeside,
        Damage::HeadsTorn,
        Damage::SpansRepeated,
        Damage::HiddenText,
        Damage::StruckText,
        Damage::NoteMarks,
        Damage::InputValues,
        Damage::FiguresBelowLabel,
    ] {
        assert_eq!(counts(harmless)[0], 200, "{harmless}");
    }
    for open in [Damage::FigureWrapped, Damage::FigureCutByPage, Damage::TwoRowsInOne, Damage::OtherHead] {
        let [certain, perhaps, null, absent] = counts(open);
        assert!(perhaps > 0 && certain + perhaps == 200 && null + absent == 0, "{open}");
    }
    assert_eq!(counts(Damage::TextDoubled), [0, 200, 0, 0]);
    assert_eq!(counts(Damage::PlaceholderHeads), counts(Damage::MissingHead));
    // Two rows fewer: 其他处理 is one in the edition of 2019.
    assert_eq!(counts(Damage::OtherEditionTable), [200 - 2 * 7, 0, 0, 0]);
    let [_, _, null, absent] = counts(Damage::PageOfMany);
    assert!(null == 0 && absent > 0);
    assert_eq!(counts(Damage::MissingTotalColumn), [200 - 25 - 3, 0, 0, 25 + 3]);
    assert_eq!(counts(Damage::MissingTable(0)), [25, 0, 0, 175]);
    // The sum proves the order of the 25 lines, nothing that of the other tables.
    assert_eq!(counts(Damage::MissingHead), [175, 25, 0, 0]);
    assert_eq!(counts(Damage::ForeignUnit), [199, 1, 0, 0]);
    // 19 lines stand in inner groups: six of their seven values are left.
    assert_eq!(counts(Damage::GroupedRowsShort), [200 - 19 * 7, 19 * 6, 0, 19]);
    let [_, open, _, absent] = counts(Damage::LastYearUncaptioned);
    assert!([10, 175, 15].contains(&open) && absent == 0);
    // A column of the 25 lines, and one of the 15 outcomes that stand side by side.
    assert_eq!(counts(Damage::HeadReplaced), [200 - 26, 0, 26, 0]);
    let [certain, _, _, absent] = counts(Damage::CaptionOfAnother);
    assert!([190, 25, 185].contains(&certain) && certain + absent == 200);
    let [certain, _, _, absent] = counts(Damage::TruncatedPage);
    assert!(certain < 200 && absent > 0);
}

/// In every layout the figures that a damage cuts or joins are open, and some of them are on every other page.
#[test]
fn figures_that_are_cut_or_joined_are_open_in_every_layout() {
    for damage in [Damage::FigureWrapped, Damage::FigureCutByPage, Damage::TwoRowsInOne, Damage::TextDoubled]
    {
        for layout in Layout::ALL.into_iter().filter(|l| *l != Layout::Flattened) {
            let open = |seed: u64| {
                let charset = Charset::Utf8;
                let spec =
                    Spec { seed, form: "2019", layout, damages: vec![damage], traditional: false, charset };
                let (text, marks, _, _) = marked(&spec, form("2019"), None);
                let verdicts = ink::verdicts(&text, &marks, false);
                let places = places(&visible(&text, layout.is_html()));
                let half = |(mark, (_, inner, _)): &(&usize, &(Option<char>, String, Option<char>))| {
                    marks[**mark].ids().iter().any(|id| match verdicts[id] {
                        Certainty::Open(Some(n)) => n.to_string() != *inner,
                        _ => false,
                    })
                };
                places.iter().filter(half).count()
            };
            assert!((0..12).map(open).filter(|n| *n > 0).count() > 3, "{damage} {layout}");
        }
    }
}

#[test]
fn blanks_and_stand_ins_for_zero_are_null() {
    for damage in [Damage::ZerosAsBlank, Damage::ZerosAsDash, Damage::ZerosAsSlash, Damage::ZerosAsWu] {
        for layout in [Layout::HtmlSpans, Layout::CellALine] {
            let spec = |seed| Spec {
                seed,
                form: "2019",
                layout,
                damages: vec![damage],
                traditional: false,
                charset: Charset::Utf8,
            };
            let nulls = |seed| {
                let is_null =
                    |c: &&TrueCell| matches!(c.certainty, Certainty::Open(None) | Certainty::Absent);
                print(&spec(seed)).truth.cells.iter().filter(is_null).count()
            };
            assert!((0..40).map(nulls).max() > Some(100), "{damage} {layout}");
        }
    }
}

#[test]
fn markup_is_balanced_where_nothing_damaged_it() {
    for spec in all().into_iter().filter(|s| s.layout.is_html()) {
        if spec.has(Damage::UnclosedTags) || spec.is_cut() {
            continue;
        }
        let (text, _, _, _) = marked(&spec, &form_of(&spec), None);
        balanced(&ink::strip(&text)).unwrap_or_else(|e| panic!("{spec:?}: {e}"));
    }
}

/// Checks that every element is closed in order; scripts and comments are skipped.
fn balanced(html: &str) -> Result<(), String> {
    let mut rest =
        html.split_once("<body>").ok_or("no body")?.1.split_once("<script>").ok_or("no end")?.0.to_owned();
    while let Some((before, comment)) = rest.split_once("<!--") {
        rest = format!("{before}{}", comment.split_once("-->").ok_or("open comment")?.1);
    }
    let mut open: Vec<String> = Vec::new();
    for tag in rest.split('<').skip(1) {
        let tag = tag.split_once('>').ok_or("open tag")?.0;
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or("").to_owned();
        if tag.starts_with('/') {
            match open.pop() {
                Some(last) if last == name => {}
                last => return Err(format!("</{name}> closes {last:?}")),
            }
        } else if !["br", "input"].contains(&name.as_str()) {
            open.push(name);
        }
    }
    if open.is_empty() { Ok(()) } else { Err(format!("left open: {open:?}")) }
}

#[test]
fn bytes_decode_to_the_printed_text() {
    for spec in specs(1500, 21) {
        let (text, _, report, _) = marked(&spec, &form_of(&spec), None);
        let bytes = print(&spec).bytes;
        let encoding = match spec.charset {
            Charset::Utf8 | Charset::Utf8Bom => encoding_rs::UTF_8,
            Charset::Gb18030 => encoding_rs::GB18030,
            Charset::Big5 => encoding_rs::BIG5,
            Charset::Utf16Le => encoding_rs::UTF_16LE,
        };
        let (decoded, _, failed) = encoding.decode(&bytes);
        assert!(!failed, "{spec:?}");
        let text = ink::strip(&text);
        if spec.charset == Charset::Big5 {
            // Characters that Big5 lacks are replaced; no digit is.
            let digits = |t: &str| t.chars().filter(|c| is_digit(Some(*c))).count();
            assert!(digits(&decoded) >= digits(&text), "{spec:?}");
            let lost = decoded.chars().filter(|c| *c == '?').count();
            assert!(lost < 10, "{spec:?}: {lost} characters lost");
        } else {
            assert_eq!(decoded, text, "{spec:?}");
        }
        assert_says_who(&spec, &report, &text);
    }
}

fn assert_says_who(spec: &Spec, report: &Report, text: &str) {
    if !spec.traditional && !spec.is_cut() && !spec.has(Damage::PageOfMany) {
        assert!(text.contains(&report.agency) && text.contains(&report.title), "{spec:?}");
        assert!(text.contains(&format!("{}年1月1日", report.year)), "{spec:?}");
    }
}

#[test]
fn specs_cover_layouts_damages_scripts_and_charsets_evenly() {
    let list: Vec<Spec> = specs(20_000, 1).collect();
    assert_eq!(list.len(), 20_000);
    let mut pairs: BTreeMap<(Layout, Damage), usize> = BTreeMap::new();
    let mut inks: BTreeMap<(bool, Charset), usize> = BTreeMap::new();
    for spec in &list {
        assert!(makes_sense(spec), "{spec:?}");
        *pairs.entry((spec.layout, spec.damages[0])).or_default() += 1;
        *inks.entry((spec.traditional, spec.charset)).or_default() += 1;
    }
    let (least, most) = (pairs.values().min().unwrap(), pairs.values().max().unwrap());
    assert!(*least > 9 && most - least <= 1, "{least} {most}");
    assert!(inks.len() == 7 && inks.values().all(|n| *n > 2000), "{inks:?}");
    assert_eq!(pairs.keys().map(|p| p.0).collect::<BTreeSet<_>>().len(), Layout::ALL.len());
    assert_eq!(pairs.keys().map(|p| p.1).collect::<BTreeSet<_>>().len(), Damage::ALL.len());
    let two = list.iter().filter(|s| s.damages.len() == 2).count();
    assert!((4000..9000).contains(&two), "{two}");
    let old = list.iter().filter(|s| s.form == "2019").count();
    assert!((9_500..10_500).contains(&old), "{old}");
}

#[test]
fn readings_are_judged_by_what_is_printed() {
    let (three, four) = (Number::from_integer(3), Number::from_integer(4));
    for (certainty, read, wrong) in [
        (Certainty::Certain(three), Some(three), false),
        (Certainty::Certain(three), None, false),
        (Certainty::Certain(three), Some(four), true),
        (Certainty::Open(Some(three)), None, false),
        (Certainty::Open(Some(three)), Some(four), true),
        (Certainty::Open(None), Some(three), true),
        (Certainty::Absent, Some(three), true),
        (Certainty::Absent, None, false),
    ] {
        assert_eq!(certainty.is_wrong(read), wrong, "{certainty:?} {read:?}");
    }
}
