//! How much of a label other words have in common with it.

use gongkai_registry::LabelRules;

/// Share of the characters that must be common, in tenths.
const TENTHS: usize = 6;
/// Fewer common characters are too few, unless they are most of the label.
const MIN_COMMON: usize = 4;

/// Words as they are compared: a label, or what is printed in its place.
pub(crate) struct Word {
    text: String,
    characters: Vec<char>,
    /// A bit for each character, of which several have the same: what two words can have in common at most.
    bits: u64,
}

impl Word {
    /// The word of this key.
    pub(crate) fn of(text: String) -> Self {
        // The upper bits of a product with the golden ratio are spread evenly.
        let bit = |c: &char| 1_u64 << (u64::from(*c as u32).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 58);
        let characters: Vec<char> = text.chars().collect();
        let bits = characters.iter().map(bit).fold(0, |all, bit| all | bit);
        Self { text, characters, bits }
    }

    /// At least the number of a label's characters that are among these.
    fn at_most_common(&self, label: &Self) -> usize {
        let (both, own) = ((self.bits & label.bits).count_ones(), label.bits.count_ones());
        label.characters.len() + both as usize - own as usize
    }

    /// How much a label has in common with these words, in thousandths of the shorter; `None` where that is too little, or what
    /// they have not in common tells labels apart or names another measure.
    pub(crate) fn likeness(&self, label: &Self, rules: &LabelRules) -> Option<usize> {
        let (key, length) = (&self.characters, label.characters.len());
        let (short, long) = (key.len().min(length), key.len().max(length));
        let enough = |common: usize| {
            common * 10 >= short * TENTHS && (common >= MIN_COMMON || common * 10 >= long * TENTHS)
        };
        // No more can be common in order than are at all: most labels have next to nothing of the words.
        let at_most = || label.characters.iter().filter(|c| key.contains(c)).count();
        if short == 0 || !enough(self.at_most_common(label)) || !enough(at_most()) {
            return None;
        }
        let (common, rest, replaced) = common(key, &label.characters);
        let telling = || rest.iter().any(|c| c.is_ascii_digit() || rules.telling.contains(*c));
        let measure = || is_other_measure(&self.text, &label.text, rules);
        (enough(common) && !replaced && !telling() && !measure()).then(|| common * 1000 / short + common)
    }

    /// The most that one of several labels has in common with these words.
    pub(crate) fn most_like(&self, labels: &[Self], rules: &LabelRules) -> Option<usize> {
        labels.iter().filter_map(|label| self.likeness(label, rules)).max()
    }

    /// Whether the two may differ by one character changed, lost, added or by two that have changed places: never wrongly no.
    pub(crate) fn may_be_near(&self, other: &Self) -> bool {
        let lacks = |a: u64, b: u64| (a & !b).count_ones();
        self.characters.len().abs_diff(other.characters.len()) <= 1
            && lacks(self.bits, other.bits) <= 1
            && lacks(other.bits, self.bits) <= 1
    }

    /// Whether all characters of another may be among these: never wrongly no.
    pub(crate) fn may_hold(&self, other: &Self) -> bool {
        other.bits & !self.bits == 0
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn characters(&self) -> &[char] {
        &self.characters
    }
}

/// Whether a text has a word that makes another label of it, and the label has not.
pub(crate) fn is_other_measure(text: &str, label: &str, rules: &LabelRules) -> bool {
    let other = |m: &String| text.contains(m.as_str()) && !label.contains(m.as_str());
    rules.measures.iter().chain(rules.narrowing.iter()).any(other)
}

/// The length of the longest sequence of characters that two texts share, the characters outside of it, of both, and whether
/// some in the middle stand in the place of others: `属于工作秘密` is no `属于国家秘密`.
fn common(a: &[char], b: &[char]) -> (usize, Vec<char>, bool) {
    let width = b.len() + 1;
    // Of what follows each pair of positions.
    let mut lengths = vec![0_usize; (a.len() + 1) * width];
    let get = |lengths: &[usize], i: usize, j: usize| lengths.get(i * width + j).copied().unwrap_or_default();
    for (i, x) in a.iter().enumerate().rev() {
        for (j, y) in b.iter().enumerate().rev() {
            let best = if x == y {
                get(&lengths, i + 1, j + 1) + 1
            } else {
                get(&lengths, i + 1, j).max(get(&lengths, i, j + 1))
            };
            if let Some(slot) = lengths.get_mut(i * width + j) {
                *slot = best;
            }
        }
    }
    let (mut i, mut j, mut rest) = (0, 0, Vec::new());
    // How many of each have been passed over since the last common one, once there was one.
    let (mut begun, mut gap, mut replaced) = (false, (0, 0), false);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        if x == y {
            replaced |= begun && gap.0 > 0 && gap.1 > 0;
            (i, j, begun, gap) = (i + 1, j + 1, true, (0, 0));
        } else if get(&lengths, i + 1, j) >= get(&lengths, i, j + 1) {
            rest.push(*x);
            (i, gap.0) = (i + 1, gap.0 + 1);
        } else {
            rest.push(*y);
            (j, gap.1) = (j + 1, gap.1 + 1);
        }
    }
    rest.extend(a.get(i..).unwrap_or_default().iter().chain(b.get(j..).unwrap_or_default()));
    (get(&lengths, 0, 0), rest, replaced)
}
