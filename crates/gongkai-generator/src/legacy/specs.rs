//! Specs of reports of 2008-2018.

use crate::report::stream;
use crate::spec::{Charset, Damage, FormCode, Layout, Spec};
use crate::specs::{INKS, makes_sense};
use gongkai_registry::Registry;

/// What happens to these tables: they have no groups, no row totals and no spans.
const DAMAGES: [Damage; 30] = [
    Damage::None,
    Damage::NumbersSplit,
    Damage::WordsSplit,
    Damage::LabelNoted,
    Damage::UnclosedTags,
    Damage::DecoyMetadataCard,
    Damage::DecoyDepartmentTable,
    Damage::LastYearBeside,
    Damage::LastYearUncaptioned,
    Damage::SummaryAndOwn,
    Damage::PrintedTwice,
    Damage::CommentedOut,
    Damage::ExtraEmptyRows,
    Damage::ExtraEmptyColumn,
    Damage::OrdinalColumn,
    Damage::LostValue,
    Damage::MissingHead,
    Damage::PageBreakInTable,
    Damage::ZerosAsBlank,
    Damage::ZerosAsDash,
    Damage::ZerosAsSlash,
    Damage::ZerosAsWu,
    Damage::FullWidthDigits,
    Damage::Thousands,
    Damage::Notes,
    Damage::WrongTotal,
    Damage::NbspPadding,
    Damage::ZeroWidthSpaces,
    Damage::PinyinBrackets,
    Damage::TruncatedPage,
];

/// So many specs: every family in every layout, each with the next damage that makes sense there.
pub fn legacy_specs(count: usize, seed: u64) -> impl Iterator<Item = Spec> {
    let mut rng = stream(seed, "legacy");
    let families: Vec<FormCode> =
        Registry::embedded().legacy.families.iter().map(|f| f.code.as_ref()).collect();
    // Old tables are not known in the layouts of newer tools.
    let layouts: Vec<Layout> = Layout::ALL.into_iter().filter(|l| !l.is_of_a_tool()).collect();
    (0..count).filter_map(move |number| {
        let form = *families.get(number % families.len().max(1))?;
        let layout = *layouts.get(number / families.len().max(1) % layouts.len().max(1))?;
        let (traditional, charset) = *INKS.get(rng.usize(0..INKS.len()))?;
        let mut spec = Spec { seed: rng.u64(..), form, layout, damages: Vec::new(), traditional, charset };
        let damage = rng.choice(DAMAGES).unwrap_or(Damage::None);
        spec.damages = vec![damage];
        if !makes_sense(&spec) {
            spec.charset = Charset::Utf8;
        }
        if !makes_sense(&spec) {
            spec.damages = vec![Damage::None];
        }
        Some(spec)
    })
}
