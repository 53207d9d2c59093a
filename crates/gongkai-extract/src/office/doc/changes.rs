//! Changes of properties, one after another ([MS-DOC], 2.6, "single property modifiers").

/// Defines the cells of a row: its length is told by more bytes than that of others.
pub(super) const DEFINES_TABLE: u16 = 0xd608;

/// A list of changes, as bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Changes<'b>(pub(super) &'b [u8]);

/// One change.
pub(super) struct Property<'b> {
    pub(super) code: u16,
    pub(super) operand: &'b [u8],
}

impl Property<'_> {
    /// The first byte of the operand.
    pub(super) fn byte(&self) -> u8 {
        self.operand.first().copied().unwrap_or(0)
    }

    /// The operand, or its first two bytes, as a number with a sign.
    pub(super) fn number(&self) -> i16 {
        u16_at(self.operand, 0).unwrap_or(0) as i16
    }
}

impl<'b> Iterator for Changes<'b> {
    type Item = Property<'b>;

    fn next(&mut self) -> Option<Property<'b>> {
        const TABS: u16 = 0xc615;
        let code = u16_at(self.0, 0)?;
        let body = self.0.get(2..).unwrap_or_default();
        let first = body.first().copied().unwrap_or(0);
        // The length of what is changed follows from the code (2.6.1).
        let length = match code >> 13 {
            0 | 1 => 1,
            2 | 4 | 5 => 2,
            3 => 4,
            7 => 3,
            _ if code == DEFINES_TABLE => 1 + usize::from(u16_at(body, 0).unwrap_or(0)),
            // Tabs of unknown length: nothing behind them can be found.
            _ if code == TABS && first == 255 => body.len(),
            _ => 1 + usize::from(first),
        };
        let (operand, rest) = body.split_at_checked(length).unwrap_or((body, &[]));
        self.0 = rest;
        Some(Property { code, operand })
    }
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let (bytes, _) = bytes.get(at..)?.split_first_chunk::<2>()?;
    Some(u16::from_le_bytes(*bytes))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let (bytes, _) = bytes.get(at..)?.split_first_chunk::<4>()?;
    Some(u32::from_le_bytes(*bytes))
}
