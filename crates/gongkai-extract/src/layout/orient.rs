//! Upright pages: whatever way the text runs on the sheet, it is read from left to right.

use super::{Glyph, Page, Rule, rules, struck};

/// A glyph as it is drawn: where it begins, and where the next one would.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Drawn {
    pub(crate) c: char,
    pub(crate) x: f32,
    pub(crate) y: f32,
    /// To the end of the glyph along its line; y grows downwards.
    pub(crate) advance: (f32, f32),
    pub(crate) size: f32,
}

impl Drawn {
    /// About the middle of what is seen of it.
    pub(crate) fn center(&self) -> (f32, f32) {
        let (x, y) = self.advance;
        let length = x.hypot(y).max(f32::MIN_POSITIVE);
        let up = 0.35 * self.size / length;
        (self.x + x / 2.0 + y * up, self.y + y / 2.0 - x * up)
    }
}

/// A page as it is read.
pub(crate) struct Upright {
    pub(crate) page: Page,
    /// Characters that run askew, as those of watermarks and stamps do, which were left out.
    pub(crate) askew: usize,
    /// Characters struck through, which were left out.
    pub(crate) struck: usize,
}

/// Turns a page by quarters so that most of its text runs from left to right. Pieces of a line become one.
pub(crate) fn upright(width: f32, height: f32, drawn: &[Drawn], rules: Vec<Rule>) -> Upright {
    let mut counts = [0_usize; 4];
    for glyph in drawn {
        if let Some(slot) = quarter(glyph).and_then(|q| counts.get_mut(q)) {
            *slot += 1;
        }
    }
    let turn = (0..4).max_by_key(|q| (counts.get(*q).copied(), 4 - q)).unwrap_or(0);
    let point = |(x, y): (f32, f32)| match turn {
        1 => (y, width - x),
        2 => (width - x, height - y),
        3 => (height - y, x),
        _ => (x, y),
    };
    let (own_width, own_height) = if turn % 2 == 1 { (height, width) } else { (width, height) };
    let mut page = Page { width: own_width, height: own_height, ..Page::default() };
    let mut askew = 0;
    for glyph in drawn {
        let Some(own) = quarter(glyph) else {
            askew += 1;
            continue;
        };
        let (x0, y0) = point((glyph.x, glyph.y));
        let (x1, y1) = point((glyph.x + glyph.advance.0, glyph.y + glyph.advance.1));
        let half = glyph.size / 2.0;
        let (left, right, base) = match (own + 4 - turn) % 4 {
            0 => (x0, x1, y0),
            // Text across the page's own way: each letter stands where its middle is.
            1 => (
                x0 + 0.35 * glyph.size - half,
                x0 + 0.35 * glyph.size + half,
                (y0 + y1) / 2.0 + 0.35 * glyph.size,
            ),
            2 => (x1, x0, y0 + 0.7 * glyph.size),
            _ => (
                x0 - 0.35 * glyph.size - half,
                x0 - 0.35 * glyph.size + half,
                (y0 + y1) / 2.0 + 0.35 * glyph.size,
            ),
        };
        page.glyphs.push(Glyph { c: glyph.c, left, right, base, size: glyph.size });
    }
    let turned = |rule: Rule| {
        let ends = if rule.is_horizontal {
            [(rule.from, rule.at), (rule.to, rule.at)]
        } else {
            [(rule.at, rule.from), (rule.at, rule.to)]
        };
        let [a, b] = ends.map(point);
        Some(Rule { is_pale: rule.is_pale, ..Rule::between(a, b)? })
    };
    let mut rules = rules.into_iter().filter_map(turned).collect();
    let struck = struck::take_out(&mut page.glyphs, &mut rules);
    page.rules = rules::whole(rules);
    Upright { page, askew, struck }
}

/// Which way a glyph runs: 0 to the right, 1 down, 2 to the left, 3 up; `None` for askew.
fn quarter(glyph: &Drawn) -> Option<usize> {
    const SLANT: f32 = 0.1;
    let (x, y) = glyph.advance;
    match () {
        () if y.abs() <= SLANT * x.abs() => Some(if x >= 0.0 { 0 } else { 2 }),
        () if x.abs() <= SLANT * y.abs() => Some(if y >= 0.0 { 1 } else { 3 }),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_turned_by_quarters_read_the_same() {
        // `12` on a page of 100 by 200, and a line below it.
        let at = |x: f32, y: f32, advance| Drawn { c: '1', x, y, advance, size: 10.0 };
        let cases = [
            (100.0, 200.0, at(10.0, 20.0, (5.0, 0.0)), ((10.0, 30.0), (60.0, 30.0))),
            (200.0, 100.0, at(180.0, 10.0, (0.0, 5.0)), ((170.0, 10.0), (170.0, 60.0))),
            (100.0, 200.0, at(90.0, 180.0, (-5.0, 0.0)), ((90.0, 170.0), (40.0, 170.0))),
            (200.0, 100.0, at(20.0, 90.0, (0.0, -5.0)), ((30.0, 90.0), (30.0, 40.0))),
        ];
        for (width, height, glyph, (from, to)) in cases {
            let rule = Rule::between(from, to).unwrap();
            let Upright { page, askew, .. } = upright(width, height, &[glyph], vec![rule]);
            let g = page.glyphs[0];
            assert_eq!((g.left, g.right, g.base, askew), (10.0, 15.0, 20.0, 0), "{glyph:?}");
            assert_eq!((page.width, page.height), (100.0, 200.0));
            assert_eq!(page.rules[0], Rule::between((10.0, 30.0), (60.0, 30.0)).unwrap());
        }
        let skew = at(0.0, 0.0, (4.0, 4.0));
        assert_eq!(upright(100.0, 100.0, &[skew], Vec::new()).askew, 1);
    }
}
