//! Segments to grids: which lines belong together, and where columns and rows begin.

use super::Glyph;

/// Lines so near one another are one line, drawn twice or by its edges.
const SAME: f32 = 3.0;
/// Ends of lines so near another line touch it.
const TOUCH: f32 = 3.0;
/// Dashes with such gaps are one line.
const GAP: f32 = 2.5;
/// Lines a page may have; a page with more is a drawing.
const MAX_LINES: usize = 3000;

/// A straight line along an axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rule {
    pub(crate) is_horizontal: bool,
    /// Its y (x for a vertical one).
    pub(crate) at: f32,
    pub(crate) from: f32,
    pub(crate) to: f32,
    /// White, or nearly: it parts cells of a coloured table, and strikes nothing.
    pub(crate) is_pale: bool,
}

impl Rule {
    /// The line between two points, if it runs along an axis.
    pub(crate) fn between((x0, y0): (f32, f32), (x1, y1): (f32, f32)) -> Option<Self> {
        const SLANT: f32 = 0.8;
        let (dx, dy) = ((x1 - x0).abs(), (y1 - y0).abs());
        if ![x0, y0, x1, y1].iter().all(|n| n.is_finite() && n.abs() < 1e5) {
            return None;
        }
        if dy <= SLANT && dx > SLANT {
            let (at, from, to) = ((y0 + y1) / 2.0, x0.min(x1), x0.max(x1));
            Some(Self { is_horizontal: true, at, from, to, is_pale: false })
        } else if dx <= SLANT && dy > SLANT {
            let (at, from, to) = ((x0 + x1) / 2.0, y0.min(y1), y0.max(y1));
            Some(Self { is_horizontal: false, at, from, to, is_pale: false })
        } else {
            None
        }
    }

    /// The line that a thin filled rectangle is.
    pub(crate) fn of_rect(left: f32, top: f32, right: f32, bottom: f32) -> Option<Self> {
        const THIN: f32 = 2.5;
        let (width, height) = ((right - left).abs(), (bottom - top).abs());
        let (x, y) = ((left + right) / 2.0, (top + bottom) / 2.0);
        if height <= THIN && width > height {
            Self::between((left, y), (right, y))
        } else if width <= THIN && height > width {
            Self::between((x, top), (x, bottom))
        } else {
            None
        }
    }
}

/// The lines along axes that a path draws: its sides, or, where it is filled, the line that it is as a whole.
pub(crate) fn rules_of(points: &[(f32, f32)], closed: bool, is_filled: bool) -> Vec<Rule> {
    if is_filled {
        let bounds = |pick: fn(&(f32, f32)) -> f32| {
            let all = points.iter().map(pick);
            (all.clone().fold(f32::MAX, f32::min), all.fold(f32::MIN, f32::max))
        };
        let ((left, right), (top, bottom)) = (bounds(|p| p.0), bounds(|p| p.1));
        return if points.len() >= 2 {
            Rule::of_rect(left, top, right, bottom).into_iter().collect()
        } else {
            Vec::new()
        };
    }
    let sides = points.windows(2).filter_map(|pair| match pair {
        [a, b] => Rule::between(*a, *b),
        _ => None,
    });
    let last = points.last().zip(points.first()).filter(|_| closed).and_then(|(a, b)| Rule::between(*a, *b));
    sides.chain(last).collect()
}

/// Lines that form a grid.
#[derive(Debug)]
pub(crate) struct Grid {
    /// Column edges from left to right.
    pub(crate) xs: Vec<f32>,
    /// Row edges from top to bottom.
    pub(crate) ys: Vec<f32>,
    /// By edge: the lines drawn at it.
    above: Vec<Vec<Rule>>,
    beside: Vec<Vec<Rule>>,
}

impl Grid {
    /// Cells it would have if none were merged.
    pub(crate) fn units(&self) -> usize {
        self.xs.len().saturating_sub(1).saturating_mul(self.ys.len().saturating_sub(1))
    }

    /// Steps it takes to look at all lines beside and above all cells.
    pub(crate) fn steps(&self) -> usize {
        let along = |edges: &[Vec<Rule>], cells: usize| {
            edges.iter().map(|rules| (1 + rules.len()).saturating_mul(cells)).fold(0, usize::saturating_add)
        };
        along(&self.above, self.xs.len()).saturating_add(along(&self.beside, self.ys.len())).saturating_mul(4)
    }

    pub(crate) fn holds(&self, (x, y): (f32, f32)) -> bool {
        let within = |edges: &[f32], at: f32| {
            edges.first().is_some_and(|e| *e <= at) && edges.last().is_some_and(|e| at <= *e)
        };
        within(&self.xs, x) && within(&self.ys, y)
    }

    /// Whether a line is drawn at a column edge along most of a row.
    pub(crate) fn is_drawn_beside(&self, edge: usize, row: usize) -> bool {
        is_drawn(self.beside.get(edge), self.ys.get(row), self.ys.get(row + 1))
    }

    /// Whether a line is drawn at a row edge along most of a column.
    pub(crate) fn is_drawn_above(&self, edge: usize, column: usize) -> bool {
        is_drawn(self.above.get(edge), self.xs.get(column), self.xs.get(column + 1))
    }

    fn of(rules: Vec<Rule>) -> Option<Self> {
        let (horizontal, vertical): (Vec<Rule>, Vec<Rule>) = rules.into_iter().partition(|r| r.is_horizontal);
        if horizontal.is_empty() || vertical.is_empty() {
            return None;
        }
        // Sides may be left open: the lines across tell how far the table goes.
        let ends = |rules: &[Rule]| {
            let from = rules.iter().map(|r| r.from).fold(f32::MAX, f32::min);
            let to = rules.iter().map(|r| r.to).fold(f32::MIN, f32::max);
            [from, to]
        };
        let xs = clusters(vertical.iter().map(|r| r.at).chain(ends(&horizontal)));
        let ys = clusters(horizontal.iter().map(|r| r.at).chain(ends(&vertical)));
        let (above, beside) = (by_edge(&ys, &horizontal), by_edge(&xs, &vertical));
        let grid = Self { xs, ys, above, beside };
        (grid.units() > 1).then_some(grid)
    }
}

/// The lines at each edge.
fn by_edge(edges: &[f32], rules: &[Rule]) -> Vec<Vec<Rule>> {
    let mut near = vec![Vec::new(); edges.len()];
    for rule in rules {
        let first = edges.partition_point(|edge| edge + 2.0 * SAME < rule.at);
        let around = edges.iter().zip(&mut near).skip(first).take_while(|(edge, _)| **edge - rule.at <= SAME);
        let at_it = around.filter(|(edge, _)| (rule.at - **edge).abs() <= SAME);
        at_it.for_each(|(_, near)| near.push(*rule));
    }
    near
}

fn is_drawn(rules: Option<&Vec<Rule>>, from: Option<&f32>, to: Option<&f32>) -> bool {
    let (Some(near), Some(from), Some(to)) = (rules, from, to) else { return false };
    let mut parts: Vec<(f32, f32)> =
        near.iter().map(|r| (r.from.max(*from), r.to.min(*to))).filter(|(a, b)| a < b).collect();
    parts.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut covered, mut end) = (0.0, *from);
    for (a, b) in parts {
        covered += (b - a.max(end)).max(0.0);
        end = end.max(b);
    }
    covered >= 0.6 * (to - from)
}

/// Numbers that are nearly the same as one, ascending.
fn clusters(numbers: impl Iterator<Item = f32>) -> Vec<f32> {
    let mut all: Vec<f32> = numbers.collect();
    all.sort_by(f32::total_cmp);
    let mut out: Vec<(f32, f32, u16)> = Vec::new();
    for n in all {
        match out.last_mut() {
            Some((last, sum, count)) if n - *last <= SAME && *count < u16::MAX => {
                (*last, *sum, *count) = (n, *sum + n, *count + 1);
            }
            _ => out.push((n, n, 1)),
        }
    }
    out.into_iter().map(|(_, sum, count)| sum / f32::from(count)).collect()
}

/// The grids of a page, from its whole lines.
pub(crate) fn grids(lines: &[Rule]) -> Vec<Grid> {
    // Lines that touch one another are one drawing.
    let mut group: Vec<usize> = (0..lines.len()).collect();
    for (a, one) in lines.iter().enumerate().filter(|(_, r)| r.is_horizontal) {
        for (b, other) in lines.iter().enumerate().filter(|(_, r)| !r.is_horizontal) {
            let reaches = |r: &Rule, at: f32| r.from - TOUCH <= at && at <= r.to + TOUCH;
            if reaches(one, other.at) && reaches(other, one.at) {
                let (a, b) = (root(&mut group, a), root(&mut group, b));
                if let Some(slot) = group.get_mut(a.max(b)) {
                    *slot = a.min(b);
                }
            }
        }
    }
    let mut drawings: std::collections::BTreeMap<usize, Vec<Rule>> = std::collections::BTreeMap::new();
    for (at, rule) in lines.iter().enumerate() {
        drawings.entry(root(&mut group, at)).or_default().push(*rule);
    }
    let mut grids: Vec<Grid> = drawings.into_values().filter_map(Grid::of).collect();
    // Small ones first: what stands in a table inside a frame is the table's.
    let area = |g: &Grid| {
        let span = |edges: &[f32]| edges.last().unwrap_or(&0.0) - edges.first().unwrap_or(&0.0);
        span(&g.xs) * span(&g.ys)
    };
    grids.sort_by(|a, b| area(a).total_cmp(&area(b)));
    grids
}

fn root(group: &mut [usize], at: usize) -> usize {
    let mut at = at;
    while let Some(next) = group.get(at).copied().filter(|next| *next != at) {
        let over = group.get(next).copied().unwrap_or(next);
        if let Some(slot) = group.get_mut(at) {
            *slot = over;
        }
        at = over;
    }
    at
}

/// The lines of a page: pieces of one line as one; none where there are so many that the page is a drawing.
pub(crate) fn whole(rules: Vec<Rule>) -> Vec<Rule> {
    Some(merged(rules)).filter(|lines| lines.len() <= MAX_LINES).unwrap_or_default()
}

/// Pieces of one line as one.
fn merged(mut rules: Vec<Rule>) -> Vec<Rule> {
    const NEAR: f32 = 0.7;
    rules.sort_by(|a, b| {
        b.is_horizontal.cmp(&a.is_horizontal).then(a.at.total_cmp(&b.at)).then(a.from.total_cmp(&b.from))
    });
    let mut out: Vec<Rule> = Vec::new();
    let mut rest = rules.as_slice();
    while let Some(first) = rest.first() {
        let same = |r: &&Rule| r.is_horizontal == first.is_horizontal && r.at - first.at <= NEAR;
        let count = rest.iter().take_while(same).count();
        let (line, tail) = rest.split_at_checked(count).unwrap_or((rest, &[]));
        let mut pieces = line.to_vec();
        pieces.sort_by(|a, b| a.from.total_cmp(&b.from));
        let mut open: Option<Rule> = None;
        for piece in pieces {
            match &mut open {
                Some(rule) if piece.from <= rule.to + GAP => rule.to = rule.to.max(piece.to),
                _ => out.extend(open.replace(piece)),
            }
        }
        out.extend(open);
        rest = tail;
    }
    // What is left of hatching and of letters drawn as paths.
    const SHORTEST: f32 = 4.0;
    out.retain(|r| r.to - r.from >= SHORTEST);
    out
}

/// Whether a glyph stands on a line at `edge` with a part of it on either side.
pub(crate) fn crosses(glyph: &Glyph, edge: f32) -> bool {
    const EDGE: f32 = 0.2;
    glyph.left + EDGE * glyph.size < edge && edge < glyph.right - EDGE * glyph.size
}
