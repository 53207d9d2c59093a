//! Paper on pages: lines of text at places, ruling lines, page breaks through tables.

use super::{Grid, GridCell, Paper, Piece};
use crate::report::stream;
use crate::sheet::Beside;
use fastrand::Rng;

/// Text at a place: its left end and its line, y growing downwards; lengths in points.
#[derive(Debug, Clone)]
pub(super) struct Text {
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) size: f32,
    pub(super) text: String,
    /// Whether it is in the file and not on the page.
    pub(super) hidden: bool,
}

/// A page.
#[derive(Debug, Clone, Default)]
pub(super) struct Sheet {
    pub(super) width: f32,
    pub(super) height: f32,
    pub(super) texts: Vec<Text>,
    /// Ruling lines.
    pub(super) rules: Vec<[f32; 4]>,
}

/// How pages are made up.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    pub(super) ruled: bool,
    /// Columns of figures have room for two digits, and rows are cut wherever a page ends.
    pub(super) narrow: bool,
    width: f32,
    height: f32,
    margin: f32,
    /// Heads are repeated on every page.
    repeats_head: bool,
    /// Rows may be cut by the end of a page, and how their ends are drawn.
    cuts_rows: bool,
    closes_cuts: bool,
    running_head: bool,
    numbers: u32,
}

pub(super) fn is_wide(c: char) -> bool {
    !c.is_ascii() && !matches!(c, '\u{a0}' | '\u{200b}')
}

/// Width of a text in ems.
pub(super) fn ems(text: &str) -> f32 {
    text.chars()
        .map(|c| {
            if c == '\u{200b}' {
                0.0
            } else if is_wide(c) {
                1.0
            } else {
                0.5
            }
        })
        .sum()
}

impl Style {
    pub(super) fn draw(seed: u64, ruled: bool) -> Self {
        let mut rng = stream(seed, "pages");
        let landscape = rng.u32(0..4) == 0;
        let (width, height) = if landscape { (841.9, 595.3) } else { (595.3, 841.9) };
        Self {
            ruled,
            narrow: false,
            width: if ruled { width } else { 1400.0 },
            height,
            margin: 60.0,
            repeats_head: rng.bool(),
            cuts_rows: rng.bool(),
            closes_cuts: rng.bool(),
            running_head: rng.u32(0..3) == 0,
            numbers: rng.u32(0..5),
        }
    }
}

pub(super) fn typeset(paper: &Paper, style: Style, seed: u64) -> Vec<Sheet> {
    let mut setter = Setter { style, pages: Vec::new(), y: 0.0, rng: stream(seed, "typeset") };
    setter.new_page();
    for piece in &paper.pieces {
        match piece {
            Piece::Title(text) => setter.paragraph(text, 18.0, Align::Center),
            Piece::Heading(text) => setter.paragraph(text, 12.0, Align::Left),
            Piece::Text(text) => setter.paragraph(text, 12.0, Align::Left),
            Piece::Right(text) => setter.paragraph(text, 12.0, Align::Right),
            Piece::Table(grid) => setter.table(grid),
        }
    }
    setter.furnish();
    setter.pages
}

#[derive(Clone, Copy, PartialEq)]
enum Align {
    Left,
    Center,
    Right,
}

struct Setter {
    style: Style,
    pages: Vec<Sheet>,
    y: f32,
    rng: Rng,
}

impl Setter {
    fn new_page(&mut self) {
        let (width, height) = (self.style.width, self.style.height);
        self.pages.push(Sheet { width, height, ..Sheet::default() });
        self.y = self.style.margin;
    }

    fn bottom(&self) -> f32 {
        self.style.height - self.style.margin
    }

    fn text(&mut self, x: f32, y: f32, size: f32, text: &str) {
        if let Some(page) = self.pages.last_mut()
            && !text.trim().is_empty()
        {
            page.texts.push(Text { x, y, size, text: text.to_owned(), hidden: false });
        }
    }

    fn rule(&mut self, rule: [f32; 4]) {
        if let Some(page) = self.pages.last_mut().filter(|_| self.style.ruled) {
            page.rules.push(rule);
        }
    }

    fn paragraph(&mut self, text: &str, size: f32, align: Align) {
        let room = self.style.width - 2.0 * self.style.margin;
        let indented = if align == Align::Left { format!("　　{text}") } else { text.to_owned() };
        for line in wrapped(&indented, room / size) {
            if self.y + 1.6 * size > self.bottom() {
                self.new_page();
            }
            self.y += 1.6 * size;
            let free = room - ems(&line) * size;
            let x = match align {
                Align::Left => 0.0,
                Align::Center => free / 2.0,
                Align::Right => free,
            };
            let plain = line.trim_start_matches('　');
            let indent = (line.chars().count() - plain.chars().count()) as f32 * size;
            self.text(self.style.margin + x + indent, self.y, size, plain);
        }
        self.y += 0.3 * size;
    }

    fn table(&mut self, grid: &Grid) {
        self.y += 6.0;
        let table = Set::of(grid, &self.style);
        let mut from = 0;
        while from < grid.rows {
            let head = if from > 0 && self.style.repeats_head { grid.head_rows.min(from) } else { 0 };
            let head_height: f32 = table.heights.iter().take(head).sum();
            let mut room = self.bottom() - self.y - head_height;
            let mut to = from;
            while let Some(height) = table.heights.get(to).filter(|h| **h <= room) {
                room -= height;
                to += 1;
            }
            // A head does not stand alone.
            if to < grid.rows && to <= grid.head_rows && self.y > self.style.margin + 1.0 {
                self.new_page();
                continue;
            }
            // The end of the page may cut the next row between two lines of its longest cell.
            let cut = table
                .lines_fitting(grid, to, room)
                .filter(|_| (self.style.cuts_rows || self.style.narrow) && to > grid.head_rows);
            if to == from && cut.is_none() {
                if self.y > self.style.margin + 1.0 {
                    self.new_page();
                    continue;
                }
                to = from + 1;
            }
            if head > 0 {
                self.rows(grid, &table, 0, head, None, (true, true));
            }
            self.rows(grid, &table, from, to, None, (true, true));
            if let Some(lines) = cut {
                let closed = self.style.closes_cuts;
                self.part(grid, &table, to, 0, lines, (true, closed));
                self.new_page();
                let head = if self.style.repeats_head { grid.head_rows } else { 0 };
                // A repeated head is drawn with its own lower line, so the rest of the row looks like a row.
                self.rows(grid, &table, 0, head, None, (true, true));
                self.part(grid, &table, to, lines, usize::MAX, (closed || head > 0, true));
                from = to + 1;
                continue;
            }
            from = to;
            if from < grid.rows {
                self.new_page();
            }
        }
        self.y += 8.0;
    }

    /// Rows as they are; cells that span over their end are drawn to it, and behind it without their text.
    fn rows(&mut self, grid: &Grid, table: &Set, from: usize, to: usize, _: Option<()>, ends: (bool, bool)) {
        let top = self.y;
        let y = |row: usize| top + table.heights.iter().take(row).skip(from).sum::<f32>();
        let covers = |c: &&GridCell| c.row < to && c.row + c.rowspan > from;
        for cell in grid.cells.iter().filter(covers) {
            let (first, last) = (cell.row.max(from), (cell.row + cell.rowspan).min(to));
            let (y0, y1) = (y(first), y(last));
            let (x0, x1) = table.columns(cell);
            self.frame([x0, y0, x1, y1], (ends.0 || first > from, ends.1 || last < to));
            if cell.row >= from {
                let lines = table.lines(cell);
                let height = lines.len() as f32 * 1.3 * table.size;
                let free = if self.style.ruled { ((y1 - y0 - height) / 2.0).max(0.0) } else { 0.0 };
                self.cell_lines(&lines, cell, (x0, x1), y0 + free, table.size);
            }
        }
        self.y = y(to);
    }

    /// Some lines of a row that is cut.
    fn part(&mut self, grid: &Grid, table: &Set, row: usize, from: usize, to: usize, ends: (bool, bool)) {
        let covers = |c: &&GridCell| c.row <= row && c.row + c.rowspan > row;
        let cells: Vec<&GridCell> = grid.cells.iter().filter(covers).collect();
        let own = |c: &GridCell| -> Vec<String> {
            if c.row == row {
                table.lines(c).into_iter().skip(from).take(to.saturating_sub(from)).collect()
            } else {
                Vec::new()
            }
        };
        let count = cells.iter().map(|c| own(c).len()).max().unwrap_or(1).max(1);
        let height = count as f32 * 1.3 * table.size + 6.0;
        for cell in cells {
            let (x0, x1) = table.columns(cell);
            let closes_above = cell.row == row && from == 0;
            self.frame([x0, self.y, x1, self.y + height], (ends.0 && (closes_above || from > 0), ends.1));
            self.cell_lines(&own(cell), cell, (x0, x1), self.y, table.size);
        }
        self.y += height;
    }

    fn frame(&mut self, [x0, y0, x1, y1]: [f32; 4], (above, below): (bool, bool)) {
        if above {
            self.rule([x0, y0, x1, y0]);
        }
        if below {
            self.rule([x0, y1, x1, y1]);
        }
        self.rule([x0, y0, x0, y1]);
        self.rule([x1, y0, x1, y1]);
    }

    fn cell_lines(&mut self, lines: &[String], cell: &GridCell, (x0, x1): (f32, f32), top: f32, size: f32) {
        for (at, line) in lines.iter().enumerate() {
            let width = ems(line) * size;
            let centered = self.style.ruled && (cell.is_value || cell.colspan > 1);
            let x = if centered { x0 + (x1 - x0 - width) / 2.0 } else { x0 + 3.0 };
            let y = top + 2.0 + size + at as f32 * 1.3 * size;
            self.text(x, y, size, line);
            if let Some((kind, text)) = cell.beside.as_ref().filter(|_| at + 1 == lines.len()) {
                self.beside(*kind, text, (x, x + width), y, size);
            }
        }
    }

    /// What stands beside a figure: a raised mark behind it, or before it what is struck out by a line or not shown.
    fn beside(&mut self, kind: Beside, text: &str, (x0, x1): (f32, f32), y: f32, size: f32) {
        let Some(page) = self.pages.last_mut() else { return };
        let left = x0 - ems(text) * size;
        let (x, y, size, hidden) = match kind {
            Beside::Raised => (x1, y - 0.4 * size, 0.6 * size, false),
            Beside::Struck => (left, y, size, false),
            Beside::Hidden => (left, y, size, true),
        };
        if kind == Beside::Struck {
            page.rules.push([left, y - 0.3 * size, x0, y - 0.3 * size]);
        }
        page.texts.push(Text { x, y, size, text: text.to_owned(), hidden });
    }

    /// Page numbers and running heads.
    fn furnish(&mut self) {
        let count = self.pages.len();
        let style = self.style;
        for (at, page) in self.pages.iter_mut().enumerate() {
            let number = at + 1;
            let text = match style.numbers {
                0 => format!("- {number} -"),
                1 => format!("— {number} —"),
                2 => format!("第{number}页 共{count}页"),
                3 => number.to_string(),
                _ => continue,
            };
            let x = (style.width - ems(&text) * 9.0) / 2.0;
            page.texts.push(Text { x, y: style.height - 30.0, size: 9.0, text, hidden: false });
        }
        if style.running_head {
            let shift = self.rng.f32() * 20.0;
            for page in &mut self.pages {
                page.texts.insert(
                    0,
                    Text {
                        x: 60.0 + shift,
                        y: 36.0,
                        size: 9.0,
                        text: "政府信息公开年报汇编".to_owned(),
                        hidden: false,
                    },
                );
            }
        }
    }
}

/// A table with its measures.
struct Set {
    narrow: bool,
    size: f32,
    /// Left edges, and the right one of the last.
    edges: Vec<f32>,
    heights: Vec<f32>,
}

impl Set {
    fn of(grid: &Grid, style: &Style) -> Self {
        let room = style.width - 2.0 * style.margin;
        let mut size = if style.ruled { 9.0 } else { 10.0 };
        let narrow = |c: &GridCell| {
            if style.narrow && c.is_value {
                return 1.0;
            }
            // Centred figures have what stands beside them on one side.
            let beside = c.beside.as_ref().map_or(0.0, |(_, text)| 2.0 * ems(text));
            let longest = c.lines.iter().map(|l| ems(&l.concat())).fold(0.0, f32::max) + beside;
            if c.is_value || !style.ruled { longest.max(1.0) } else { longest.clamp(1.0, 3.0) }
        };
        let wide = |c: &GridCell| {
            if style.narrow && c.is_value {
                1.0
            } else {
                c.lines.iter().map(|l| ems(&l.concat())).fold(1.0, f32::max).min(14.0)
            }
        };
        let mut least = vec![1.0_f32; grid.columns];
        let mut wanted = vec![1.0_f32; grid.columns];
        let mut cells: Vec<&GridCell> = grid.cells.iter().collect();
        cells.sort_by_key(|c| c.colspan);
        for cell in cells {
            spread(&mut least, cell, narrow(cell));
            spread(&mut wanted, cell, wide(cell));
        }
        let padding = if style.ruled { 8.0 } else { 24.0 };
        let needed = |size: f32| least.iter().map(|w| w * size + padding).sum::<f32>();
        while needed(size) > room && size > 3.0 {
            size -= 0.5;
        }
        let extra = (room - needed(size)).max(0.0);
        let longing: f32 = wanted.iter().zip(&least).map(|(w, l)| (w - l).max(0.0) + 0.1).sum();
        let mut edges = vec![style.margin];
        let mut x = style.margin;
        for (l, w) in least.iter().zip(&wanted) {
            x += l * size
                + padding
                + if style.ruled { extra * ((w - l).max(0.0) + 0.1) / longing } else { 0.0 };
            edges.push(x);
        }
        let mut set = Self { narrow: style.narrow, size, edges, heights: vec![1.3 * size + 6.0; grid.rows] };
        let mut cells: Vec<&GridCell> = grid.cells.iter().collect();
        cells.sort_by_key(|c| c.rowspan);
        for cell in cells {
            let needed = set.lines(cell).len() as f32 * 1.3 * size + 6.0;
            let have: f32 = set.heights.iter().skip(cell.row).take(cell.rowspan).sum();
            if let Some(last) = set.heights.get_mut(cell.row + cell.rowspan - 1).filter(|_| needed > have) {
                *last += needed - have;
            }
        }
        set
    }

    fn columns(&self, cell: &GridCell) -> (f32, f32) {
        let edge = |at: usize| self.edges.get(at).copied().unwrap_or(0.0);
        (edge(cell.col), edge(cell.col + cell.colspan))
    }

    fn lines(&self, cell: &GridCell) -> Vec<String> {
        let (x0, x1) = self.columns(cell);
        let room = ((x1 - x0 - 7.0) / self.size).max(1.0);
        let lines = |line: &str| match (cell.is_value, self.narrow) {
            (true, true) => {
                let chars: Vec<char> = line.chars().collect();
                chars.chunks((room * 2.0) as usize).map(|part| part.iter().collect()).collect()
            }
            (true, false) => wrapped(line, f32::MAX),
            _ => wrapped(line, room),
        };
        cell.text().split('\n').flat_map(lines).collect()
    }

    /// How many lines of a row fit, where it can be cut at all: some on either side, and no cell begins to span there.
    fn lines_fitting(&self, grid: &Grid, row: usize, room: f32) -> Option<usize> {
        let own: Vec<&GridCell> = grid.cells.iter().filter(|c| c.row == row).collect();
        let count = own.iter().filter(|c| !c.is_value || self.narrow).map(|c| self.lines(c).len()).max()?;
        let fitting = ((room - 6.0) / (1.3 * self.size)).floor();
        let fitting = if fitting < 1.0 { return None } else { fitting as usize };
        let plain = own.iter().all(|c| c.rowspan == 1) && own.iter().any(|c| c.is_value);
        (plain && fitting < count).then_some(fitting)
    }
}

fn spread(widths: &mut [f32], cell: &GridCell, needed: f32) {
    let have: f32 = widths.iter().skip(cell.col).take(cell.colspan).sum();
    if needed > have {
        let more = (needed - have) / cell.colspan as f32;
        widths.iter_mut().skip(cell.col).take(cell.colspan).for_each(|w| *w += more);
    }
}

/// Lines of so many ems; figures stay whole.
fn wrapped(text: &str, room: f32) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut width = 0.0;
    let chars: Vec<char> = text.chars().collect();
    let is_figure = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | ',' | '+' | '-' | '%' | '/');
    for piece in chars.chunk_by(|a, b| is_figure(a) && is_figure(b)) {
        let piece: String = piece.iter().collect();
        let own = ems(&piece);
        if width + own > room && width > 0.0 {
            lines.push(String::new());
            width = 0.0;
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(&piece);
        }
        width += own;
    }
    lines
}
