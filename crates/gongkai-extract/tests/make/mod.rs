//! Broken documents: sound ones of every kind with bytes, or the bytes of a part, changed; the same ones for the same seed.

#![allow(dead_code, clippy::unwrap_used, reason = "helpers of tests; every test file uses some")]

use gongkai_extract::{Hints, Limits, extract};
use gongkai_generator::{Medium, paper_specs, print, print_as, specs};
use gongkai_model::{Block, Document};
use std::io::{Cursor, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// What one document may take, by far; for the long run, which has a clock.
pub const PATIENCE: Duration = Duration::from_secs(10);

pub const RTF: &[u8] = b"{\\rtf1\\ansi\\ansicpg936{\\fonttbl{\\f0\\fcharset134 x;}}\\f0 \\'d2\\'bb\\u20108\\'3f\\par\\trowd\\clvmgf\\cellx1000\\cellx3000\\intbl g\\cell h\\cell\\row\\trowd\\clvmrg\\cellx1000\\cellx2000\\cellx3001\\intbl\\cell{\\*\\nesttableprops\\itap2 x\\nestcell\\nestrow}1\\cell 2\\cell\\row\\pard{\\deleted b}\\par}";

/// A sound document.
pub enum Seed {
    Flat(Vec<u8>),
    Package(Vec<(String, Vec<u8>)>),
}

impl Seed {
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Flat(bytes) => bytes.clone(),
            Self::Package(parts) => package(parts),
        }
    }
}

/// Parts of a package as a package.
pub fn package<N: AsRef<str>, B: AsRef<[u8]>>(parts: &[(N, B)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        writer.start_file(name.as_ref(), SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes.as_ref()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A text document of one main part.
pub fn docx(body: &str) -> Vec<u8> {
    let main = format!("<w:document xmlns:w='x'><w:body>{body}</w:body></w:document>");
    let relationships =
        "<Relationships><Relationship Type='x/officeDocument' Target='word/document.xml'/></Relationships>";
    package(&[("_rels/.rels", relationships), ("word/document.xml", main.as_str())])
}

/// Objects as a PDF without a table of places, which readers then find themselves.
pub fn pdf<B: AsRef<[u8]>>(objects: &[B]) -> Vec<u8> {
    let mut out = b"%PDF-1.4\n".to_vec();
    for (n, object) in objects.iter().enumerate() {
        out.extend(format!("{} 0 obj\n", n + 1).into_bytes());
        out.extend(object.as_ref());
        out.extend(b"\nendobj\n");
    }
    out.extend(b"trailer <</Root 1 0 R>>\n%%EOF\n");
    out
}

pub fn read(bytes: &[u8]) -> Result<Document, String> {
    extract(bytes, &Hints::default(), &Limits::default()).map_err(|problem| problem.reason)
}

/// Documents that other programs wrote, by name.
pub fn written() -> Vec<(String, Vec<u8>)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/written");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|e| e != "md")).collect();
    files.sort();
    let name = |path: &std::path::Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    files.iter().map(|path| (name(path), std::fs::read(path).unwrap())).collect()
}

/// Documents of every kind, by every hand.
pub fn seeds() -> Vec<Seed> {
    let printed = Medium::ALL.into_iter().flat_map(|medium| {
        paper_specs(medium, 3, 7).map(move |spec| print_as(&spec, medium).bytes).collect::<Vec<_>>()
    });
    let texts = specs(4_000, 5).step_by(200).map(|spec| print(&spec).bytes);
    let all = printed.chain(texts).chain(written().into_iter().map(|(_, bytes)| bytes));
    let seed = |bytes: Vec<u8>| parts(&bytes).map_or(Seed::Flat(bytes), Seed::Package);
    all.chain([RTF.to_vec()]).map(seed).collect()
}

#[expect(clippy::disallowed_methods, reason = "our own packages")]
fn parts(bytes: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let count = archive.len();
    let part = |index: usize| {
        let mut file = archive.by_index(index).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        (name, bytes)
    };
    Some((0..count).map(part).collect())
}

/// Random numbers from a seed (xorshift64*).
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d);
        (number % (most.max(1) as u64)) as usize
    }
}

/// A broken document.
pub fn mutant(seeds: &[Seed], dice: &mut Dice) -> Vec<u8> {
    match &seeds[dice.below(seeds.len())] {
        Seed::Flat(bytes) => changed(bytes, dice),
        // As often as not the package itself.
        Seed::Package(parts) if dice.below(4) == 0 => changed(&package(parts), dice),
        Seed::Package(parts) => {
            let mut parts = parts.clone();
            let at = dice.below(parts.len());
            parts[at].1 = changed(&parts[at].1, dice);
            package(&parts)
        }
    }
}

fn changed(bytes: &[u8], dice: &mut Dice) -> Vec<u8> {
    /// Values by which lengths and structures go wrong.
    const TELLING: [&[u8]; 12] =
        [b"0", b"-1", b"99999999999", b"<", b">", b"\"", b"[", b"<<", b" R ", b"\\", b"{", b"1e38"];
    let mut bytes = bytes.to_vec();
    for _ in 0..=dice.below(6) {
        let at = dice.below(bytes.len() + 1);
        let length = dice.below(64).min(bytes.len() - at);
        match dice.below(6) {
            0 if at < bytes.len() => bytes[at] ^= 1 << dice.below(8),
            1 => drop(bytes.drain(at..at + length)),
            2 => {
                let copy = bytes[at..at + length].to_vec();
                let to = dice.below(bytes.len() + 1);
                bytes.splice(to..to, copy);
            }
            3 => {
                drop(bytes.splice(at..at + length.min(4), TELLING[dice.below(TELLING.len())].iter().copied()))
            }
            // A figure becomes another one.
            4 => {
                if let Some(digit) = bytes.iter_mut().skip(at).find(|b| b.is_ascii_digit()) {
                    *digit = b'0' + dice.below(10) as u8;
                }
            }
            _ if dice.below(8) == 0 => bytes.truncate(at),
            _ => {}
        }
    }
    bytes
}

/// Reads it, and says what a reader must not do: panic, or hand out what is over the limits.
pub fn judge(bytes: &[u8]) -> Result<(), String> {
    let limits = Limits { table_columns: 60, table_cells: 2000, glyphs: 200_000, ..Limits::default() };
    let read = catch_unwind(AssertUnwindSafe(|| extract(bytes, &Hints::default(), &limits)));
    let Ok(document) = read.map_err(|_| "panic")? else { return Ok(()) };
    for block in &document.blocks {
        let Block::Table(table) = block else { continue };
        let fits =
            |c: &gongkai_model::Cell| c.col + c.colspan <= table.columns && c.row + c.rowspan <= table.rows;
        if table.columns > 60 || table.cells.len() > 2000 || !table.cells.iter().all(fits) {
            return Err(format!("a table of {} columns, {} cells", table.columns, table.cells.len()));
        }
        if !table.cells.is_sorted_by_key(|c| (c.row, c.col)) {
            return Err("cells out of order".to_owned());
        }
    }
    Ok(())
}
