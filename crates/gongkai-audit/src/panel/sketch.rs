//! How far two texts are the same, from a few bytes of each (one-permutation MinHash).
//!
//! Every run of five characters is hashed; the hashes fall into 32 bins, and of each bin the smallest is kept, as one byte. The
//! share of bins in which two sketches agree estimates the share of runs that the texts have in common (Jaccard), give
//! or take some 0.06; of texts that have nothing in common one bin in 256 agrees by chance.
//! (Broder 1997; Li, Owen, Zhang 2012; Li and König 2010.)

/// Samples of a text.
pub const SAMPLES: usize = 32;
/// Characters of a run.
const RUN: usize = 5;
const BASE: u64 = 0x0000_0100_0000_01b3;

/// Samples of one text.
pub type Sketch = [u8; SAMPLES];

/// The sketch of a text without its digits, marks, blanks and these names, so that last year's text with this year's figures,
/// or another agency's with one's own name, is the same text. `None` of fewer characters than `least`.
pub(crate) fn sketch(text: &str, names: &[&str], least: usize) -> Option<Sketch> {
    let mut text = std::borrow::Cow::Borrowed(text);
    for name in names.iter().filter(|name| !name.is_empty()) {
        if text.contains(name) {
            text = text.replace(name, "").into();
        }
    }
    let out = (0..RUN).fold(1_u64, |power, _| power.wrapping_mul(BASE));
    let mut window = [0_u64; RUN];
    let mut smallest = [u64::MAX; SAMPLES];
    let (mut rolling, mut count) = (0_u64, 0_usize);
    for c in text.chars().filter(|c| c.is_alphabetic()) {
        let Some(slot) = window.get_mut(count % RUN) else { continue };
        let gone = std::mem::replace(slot, u64::from(c));
        rolling = rolling.wrapping_mul(BASE).wrapping_add(u64::from(c)).wrapping_sub(gone.wrapping_mul(out));
        count += 1;
        if count >= RUN {
            let hash = mix(rolling);
            // The upper five bits choose the bin.
            if let Some(least) = smallest.get_mut((hash >> 59) as usize) {
                *least = (*least).min(hash & (u64::MAX >> 5));
            }
        }
    }
    (count >= least.max(RUN)).then(|| {
        let filled = |at: usize| {
            // An empty bin borrows from the next that is not: the same in both of two equal texts.
            let next = (0..SAMPLES).filter_map(|step| smallest.get((at + step) % SAMPLES));
            next.copied().find(|h| *h != u64::MAX).unwrap_or(0)
        };
        std::array::from_fn(|at| mix(filled(at)) as u8)
    })
}

/// Samples in which two texts agree.
pub(crate) fn agreement(a: &Sketch, b: &Sketch) -> u8 {
    a.iter().zip(b).map(|(a, b)| u8::from(a == b)).sum()
}

/// The finalizer of splitmix64: every bit of the input changes every bit of the output.
fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{agreement, sketch};

    fn text(from: u32, to: u32) -> String {
        // Characters in an order that repeats nothing.
        (from..to).filter_map(|n| char::from_u32(0x4e00 + n * 7919 % 20_000)).collect()
    }

    #[test]
    fn the_share_of_agreeing_samples_follows_the_share_of_text() {
        for (kept, from, to) in [(1_000, 32, 32), (950, 24, 32), (500, 4, 19), (0, 0, 4)] {
            let a = text(0, 1_000);
            let b = text(1_000 - kept, 2_000 - kept);
            let n = agreement(&sketch(&a, &[], 100).unwrap(), &sketch(&b, &[], 100).unwrap());
            assert!((from..=to).contains(&n), "{kept} of 1,000 kept: {n}");
        }
    }

    #[test]
    fn figures_marks_and_names_make_no_difference() {
        let a = format!("{}，共12件。甲县教育局", text(0, 300));
        let b = format!("{} 共 3 件；乙县教育局", text(0, 300));
        let sketches = [sketch(&a, &["甲县"], 100), sketch(&b, &["乙县", ""], 100)];
        assert_eq!(sketches[0], sketches[1]);
        assert!(sketches[0].is_some());
    }

    #[test]
    fn a_short_text_has_no_sketch() {
        assert!(sketch(&text(0, 99), &[], 100).is_none());
        assert!(sketch("", &[], 0).is_none());
        assert!(sketch(&text(0, 100), &[], 100).is_some());
    }
}
