//! Where the parts of a document are: in a zip package, or one after another in a single XML file ("Flat OPC").

use super::xml::{self, Element, Handler, Step};
use gongkai_inflate::Package;
use gongkai_model::Problem;
use std::cell::Cell;
use std::collections::BTreeSet;

/// Parts by their names, which have no slash at their beginning.
pub(super) trait Source {
    fn has(&self, name: &str) -> bool;
    /// Walks over a part of XML.
    fn walk(&self, name: &str, handler: &mut dyn Handler) -> Result<(), Problem>;
    /// A part's bytes.
    fn bytes(&self, name: &str) -> Result<Vec<u8>, Problem>;
}

impl Source for Package<'_> {
    fn has(&self, name: &str) -> bool {
        Package::has(self, name)
    }

    fn walk(&self, name: &str, handler: &mut dyn Handler) -> Result<(), Problem> {
        xml::walk(&self.read(name)?, handler)
    }

    fn bytes(&self, name: &str) -> Result<Vec<u8>, Problem> {
        self.read(name)
    }
}

/// The parts of a file `pkg:package`.
pub(super) struct Flat<'a> {
    bytes: &'a [u8],
    names: BTreeSet<String>,
    /// Bytes that may still be walked: every part is looked for from the beginning.
    left: Cell<usize>,
}

/// How often the whole file may be walked, and how many bytes of it in all.
const WALKS: usize = 16;
const WALKED: usize = 256 << 20;

impl<'a> Flat<'a> {
    /// # Errors
    /// As [`xml::walk`].
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, Problem> {
        let mut names = Names(BTreeSet::new());
        xml::walk(bytes, &mut names)?;
        let left = Cell::new(bytes.len().saturating_mul(WALKS).max(WALKED));
        Ok(Self { bytes, names: names.0, left })
    }

    fn pay(&self) -> Result<(), Problem> {
        let left = self.left.get().checked_sub(self.bytes.len());
        self.left.set(left.unwrap_or(0));
        left.map(|_| ())
            .ok_or_else(|| Problem::unreadable("limit_unpacked: parts that are read again and again"))
    }
}

impl Source for Flat<'_> {
    fn has(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    fn walk(&self, name: &str, handler: &mut dyn Handler) -> Result<(), Problem> {
        self.pay()?;
        xml::walk(self.bytes, &mut Only { name, handler })
    }

    fn bytes(&self, name: &str) -> Result<Vec<u8>, Problem> {
        self.pay()?;
        let mut data = Data::default();
        xml::walk(self.bytes, &mut Only { name, handler: &mut data })?;
        Ok(base64(data.text.bytes()))
    }
}

fn part_name(element: &Element<'_>) -> Option<String> {
    element.attribute("name").map(|name| name.trim_start_matches('/').to_owned())
}

struct Names(BTreeSet<String>);

impl Handler for Names {
    fn start(&mut self, name: &str, element: &Element<'_>) -> Step {
        match name {
            "package" => Step::Into,
            "part" => {
                self.0.extend(part_name(element));
                Step::Skip
            }
            _ => Step::Skip,
        }
    }
}

/// What one part holds.
struct Only<'h> {
    name: &'h str,
    handler: &'h mut dyn Handler,
}

const WRAPPERS: [&str; 3] = ["package", "part", "xmlData"];

impl Handler for Only<'_> {
    fn start(&mut self, name: &str, element: &Element<'_>) -> Step {
        match name {
            "part" if part_name(element).is_none_or(|part| part != self.name) => Step::Skip,
            _ if WRAPPERS.contains(&name) => Step::Into,
            _ => self.handler.start(name, element),
        }
    }

    fn end(&mut self, name: &str) {
        if !WRAPPERS.contains(&name) {
            self.handler.end(name);
        }
    }

    fn text(&mut self, text: &str) {
        self.handler.text(text);
    }
}

/// The text of a part that is no XML.
#[derive(Default)]
struct Data {
    inside: bool,
    text: String,
}

impl Handler for Data {
    fn start(&mut self, name: &str, _: &Element<'_>) -> Step {
        self.inside = name == "binaryData";
        Step::Into
    }

    fn end(&mut self, _: &str) {
        self.inside = false;
    }

    fn text(&mut self, text: &str) {
        if self.inside {
            self.text.push_str(text);
        }
    }
}

/// Base64 (RFC 4648), whatever stands between its characters.
pub(super) fn base64(text: impl IntoIterator<Item = u8>) -> Vec<u8> {
    let mut out = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for byte in text {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => continue,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_flat_file_are_told_apart() {
        let file = b"<pkg:package xmlns:pkg='x'><pkg:part pkg:name='/a.xml'><pkg:xmlData><w:t>1</w:t></pkg:xmlData></pkg:part>\
            <pkg:part pkg:name='/b.bin'><pkg:binaryData>5b mz\n6Z2S</pkg:binaryData></pkg:part></pkg:package>";
        let flat = Flat::open(file).unwrap();
        assert!(flat.has("a.xml") && flat.has("b.bin") && !flat.has("c"));
        assert_eq!(flat.bytes("b.bin").unwrap(), "平青".as_bytes());
        #[derive(Default)]
        struct Seen(String);
        impl Handler for Seen {
            fn start(&mut self, name: &str, _: &Element<'_>) -> Step {
                self.0.push_str(name);
                Step::Into
            }
            fn text(&mut self, text: &str) {
                self.0.push_str(text);
            }
        }
        let mut seen = Seen::default();
        flat.walk("a.xml", &mut seen).unwrap();
        assert_eq!(seen.0, "t1");
    }
}
