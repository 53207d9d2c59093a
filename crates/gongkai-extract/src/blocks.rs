//! Collecting the blocks of a document within its limits.

use crate::Limits;
use crate::html::Parts;
use crate::oddity::{TABLE_TOO_LARGE, TOO_MANY_BLOCKS, oddity};
use gongkai_model::{Block, Paragraph, Role, Table};

/// Bytes kept, in so many times what a document may have; what is beyond that is left out in the end.
const TEXTS: usize = 32;

/// Blocks so far.
pub(crate) struct Blocks<'a> {
    pub(crate) limits: &'a Limits,
    pub(crate) parts: Parts,
    gathered: usize,
    bytes: usize,
    dropped_blocks: usize,
    dropped_cells: usize,
}

impl<'a> Blocks<'a> {
    pub(crate) fn new(limits: &'a Limits) -> Self {
        Self { limits, parts: Parts::default(), gathered: 0, bytes: 0, dropped_blocks: 0, dropped_cells: 0 }
    }

    /// Whether one more line may be kept for later, in a cell or outside.
    pub(crate) fn may_gather(&mut self) -> bool {
        /// Cells have lines, too.
        const LINES: usize = 2;
        self.gathered += 1;
        let may = self.gathered <= self.limits.blocks.saturating_mul(LINES);
        self.dropped_blocks += usize::from(!may);
        may
    }

    /// A paragraph; one without any text vanishes.
    pub(crate) fn paragraph(&mut self, text: String, role: Role) {
        if !text.trim().is_empty() {
            self.push(Block::Paragraph(Paragraph { text, role, bytes: None }));
        }
    }

    /// A table, of which so many cells were left out already.
    pub(crate) fn table(&mut self, table: Table, dropped: usize) {
        self.dropped_cells += dropped;
        if !table.cells.is_empty() {
            self.push(Block::Table(table));
        }
    }

    /// Notes an oddity, once for each wording.
    pub(crate) fn odd(&mut self, code: &'static str, message: impl Into<String>) {
        let new = oddity(code, message);
        if !self.parts.oddities.contains(&new) {
            self.parts.oddities.push(new);
        }
    }

    fn push(&mut self, block: Block) {
        self.bytes = self.bytes.saturating_add(match &block {
            Block::Paragraph(paragraph) => paragraph.text.len(),
            Block::Table(table) => table.cells.iter().map(|cell| cell.text.len()).sum(),
        });
        let has_room = self.bytes <= self.limits.block_bytes.saturating_mul(TEXTS);
        if has_room && self.parts.blocks.len() < self.limits.blocks {
            self.parts.blocks.push(block);
        } else {
            self.dropped_blocks += 1;
        }
    }

    pub(crate) fn finish(mut self) -> Parts {
        if self.dropped_cells > 0 {
            let message = format!("{} cells beyond the limits of a table were dropped", self.dropped_cells);
            self.odd(TABLE_TOO_LARGE, message);
        }
        if self.dropped_blocks > 0 {
            let message = format!("{} blocks beyond the limit were dropped", self.dropped_blocks);
            self.odd(TOO_MANY_BLOCKS, message);
        }
        self.parts
    }
}
