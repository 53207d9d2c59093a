//! Text that a line strikes through: it was taken back, and is no part of the figure beside it.

use super::{Glyph, Rule};

/// A line strikes a glyph that it crosses so far above the glyph's base, in parts of the font's height.
const BAND: (f32, f32) = (0.12, 0.6);
/// A strike begins and ends with the text it strikes, so exactly, in parts of the font's height.
const EXACT: f32 = 0.35;
/// Behind the text it may go on over a blank.
const BLANK: f32 = 0.6;
/// Glyphs are so wide, in parts of the font's height; of others the height is not known.
const WIDTHS: std::ops::RangeInclusive<f32> = 0.15..=1.3;

/// Takes out struck glyphs and the lines that strike them; counts the glyphs. Where most of a page would go, nothing is taken:
/// then the lines are something else.
pub(super) fn take_out(glyphs: &mut Vec<Glyph>, rules: &mut Vec<Rule>) -> usize {
    let mut by_base: Vec<(f32, usize)> = glyphs.iter().enumerate().map(|(at, g)| (g.base, at)).collect();
    by_base.sort_by(|a, b| a.0.total_cmp(&b.0));
    let tallest = glyphs.iter().map(|g| g.size).filter(|s| s.is_finite()).fold(0.0, f32::max);
    let mut is_struck = vec![false; glyphs.len()];
    let mut strikes = vec![false; rules.len()];
    let mut unsure: Vec<usize> = Vec::new();
    for (rule, strikes) in rules.iter().zip(&mut strikes).filter(|(r, _)| r.is_horizontal && !r.is_pale) {
        let first = by_base.partition_point(|(base, _)| *base < rule.at);
        let near = by_base.get(first..).unwrap_or_default();
        let near = near.iter().take_while(|(base, _)| *base - BAND.1 * tallest <= rule.at);
        let glyph = |(_, at): &(f32, usize)| glyphs.get(*at).map(|g| (*at, g));
        let hit: Vec<(usize, &Glyph)> = near.filter_map(glyph).filter(|(_, g)| crosses(rule, g)).collect();
        if fits(rule, &hit) {
            *strikes = true;
            over_one_another(&hit).into_iter().for_each(|at| unsure.push(at));
            for (at, _) in hit {
                is_struck.get_mut(at).into_iter().for_each(|struck| *struck = true);
            }
        }
    }
    let count = is_struck.iter().filter(|struck| **struck).count();
    if count == 0 || count * 2 > glyphs.len() {
        return 0;
    }
    for at in unsure {
        is_struck.get_mut(at).into_iter().for_each(|struck| *struck = false);
        glyphs.get_mut(at).into_iter().for_each(|g| g.c = char::REPLACEMENT_CHARACTER);
    }
    let mut struck = is_struck.into_iter();
    glyphs.retain(|_| struck.next() != Some(true));
    let mut strikes = strikes.into_iter();
    rules.retain(|_| strikes.next() != Some(true));
    count
}

fn crosses(rule: &Rule, glyph: &Glyph) -> bool {
    let width = glyph.right - glyph.left;
    let above = (glyph.base - rule.at) / glyph.size;
    let covered = glyph.right.min(rule.to) - glyph.left.max(rule.from);
    WIDTHS.contains(&(width / glyph.size)) && (BAND.0..=BAND.1).contains(&above) && covered >= 0.5 * width
}

/// Struck glyphs of which one is drawn over another: it may be the end of the figure beside, which the line was not meant for.
fn over_one_another(hit: &[(usize, &Glyph)]) -> Vec<usize> {
    /// Of the width of a glyph.
    const SHARE: f32 = 0.25;
    let mut sorted: Vec<&(usize, &Glyph)> = hit.iter().collect();
    sorted.sort_by(|a, b| a.1.left.total_cmp(&b.1.left));
    let over = |pair: &[&(usize, &Glyph)]| match pair {
        [(a, left), (b, right)] => {
            let width = (left.right - left.left).min(right.right - right.left);
            (left.right - right.left > SHARE * width).then_some([*a, *b])
        }
        _ => None,
    };
    sorted.windows(2).filter_map(over).flatten().collect()
}

/// Whether a line ends where what it crosses does: a border of a cell goes on, or ends before.
fn fits(rule: &Rule, hit: &[(usize, &Glyph)]) -> bool {
    let left = hit.iter().map(|(_, g)| g.left).fold(f32::MAX, f32::min);
    let right = hit.iter().map(|(_, g)| g.right).fold(f32::MIN, f32::max);
    let size = hit.iter().map(|(_, g)| g.size).fold(0.0, f32::max);
    (left - rule.from).abs() <= EXACT * size
        && right - rule.to <= EXACT * size
        && rule.to - right <= BLANK * size
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(text: &str, left: f32) -> Vec<Glyph> {
        let place = |(n, c): (usize, char)| {
            let left = left + n as f32 * 5.0;
            Glyph { c, left, right: left + 5.0, base: 20.0, size: 10.0 }
        };
        text.chars().enumerate().map(place).collect()
    }

    #[test]
    fn a_figure_drawn_over_by_what_is_struck_is_not_sure() {
        let mut glyphs = row("331194", 100.0);
        glyphs.extend(row("318", 126.0));
        let mut rules = vec![Rule::between((126.0, 17.0), (141.0, 17.0)).unwrap()];
        take_out(&mut glyphs, &mut rules);
        let left: String = glyphs.iter().map(|g| g.c).collect();
        assert!(left.starts_with("33119\u{fffd}"), "{left}");
    }

    fn left_of(text: &str, (from, to, at): (f32, f32, f32)) -> String {
        let mut glyphs = row(text, 100.0);
        let mut rules = vec![Rule::between((from, at), (to, at)).unwrap()];
        take_out(&mut glyphs, &mut rules);
        glyphs.iter().map(|g| g.c).collect()
    }

    #[test]
    fn a_line_through_a_figure_strikes_it_and_borders_do_not() {
        assert_eq!(left_of("978", (100.0, 105.0, 17.0)), "78", "a digit");
        assert_eq!(left_of("97", (100.0, 105.0, 21.0)), "97", "underlined");
        assert_eq!(left_of("97", (100.0, 105.0, 10.0)), "97", "overlined");
        assert_eq!(left_of("97", (80.0, 140.0, 17.0)), "97", "a border drawn too near");
        assert_eq!(left_of("9 78", (100.0, 110.0, 17.0)), "78", "with the blank behind");
        assert_eq!(left_of("978", (105.0, 110.0, 17.0)), "98", "in the middle");
    }
}
