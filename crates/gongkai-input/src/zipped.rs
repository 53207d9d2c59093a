//! Zip archives (APPNOTE 6.3), WACZ among them. The directory is read by a library, the bytes by [`crate::inflate`].

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use gongkai_model::Problem;
use zip::{CompressionMethod, ZipArchive};

use crate::contain::{contain, document};
use crate::inflate::{Codec, Damage, Limit, crc32, problem, read_all};
use crate::members::{self, Member, settle, tasks};
use crate::met::{Flow, Place, Walk};
use crate::options::Limits;
use crate::plan::SidecarKind;
use crate::raw::{Raw, ReadSeek, Shared};
use crate::sniff::{self, Content};
use crate::workbook;

/// Members by which a zip is a document of an office program, an OFD or an e-book, and no archive.
const DOCUMENT_MEMBERS: [&str; 3] = ["[Content_Types].xml", "OFD.xml", "mimetype"];
/// What makes a zip a WACZ, and where its record files lie.
const WACZ_MARK: &str = "datapackage.json";
const WACZ_RECORDS: &str = "archive/";
/// The ratio of a whole archive is looked at later than that of one member.
const ARCHIVE_PATIENCE: u64 = 16;

/// Where a member's bytes are.
struct Stored {
    start: u64,
    length: u64,
    codec: Option<Codec>,
    crc: u32,
}

/// Whether the first member, whose name stands behind the local header (4.3.7), is one by which a zip is a document.
pub(crate) fn begins_package(head: &[u8]) -> bool {
    let name = head.get(30..).unwrap_or_default();
    // Some programs write the relationships before the list of types.
    let begins = |member: &&str| {
        name.get(..member.len()).is_some_and(|start| start.eq_ignore_ascii_case(member.as_bytes()))
    };
    DOCUMENT_MEMBERS.iter().chain(&["_rels/.rels"]).any(begins)
}

/// Hands out the documents of an archive.
pub(crate) fn each(walk: &mut Walk<'_>, place: &Place, inner: Box<dyn ReadSeek>) -> Flow {
    let shared = Shared::new(inner);
    let (members, stored) = match directory(&shared, &walk.options.limits) {
        Ok(read) => read,
        Err(problem) => return walk.lost(place, 0, problem),
    };
    if members.is_empty() {
        return members::nothing(walk, place);
    }
    let is = |name: &str| members.iter().any(|m| m.name.eq_ignore_ascii_case(name.as_bytes()));
    if DOCUMENT_MEMBERS.iter().any(|name| is(name)) {
        let length = shared.length().unwrap_or(0);
        let mut package = Raw::Seek(Box::new(shared.section(0, length)));
        if !is(workbook::MARK) {
            return document(walk, place, package);
        }
        return match read_all(&mut package, walk.options.max_bytes) {
            Ok(bytes) => match workbook::each(walk, place, &bytes) {
                Some(flow) => flow,
                None => walk.document(place, bytes),
            },
            Err(problem) => walk.lost(place, 0, problem),
        };
    }
    let is_wacz = is(WACZ_MARK) && members.iter().any(|m| m.name.starts_with(WACZ_RECORDS.as_bytes()));
    let archive = Archive {
        given: Rc::default(),
        length: shared.length().unwrap_or(0),
        limits: walk.options.limits,
        shared,
    };
    let records: Vec<bool> =
        members.iter().map(|m| !is_wacz || m.name.starts_with(WACZ_RECORDS.as_bytes())).collect();
    let mut load = |index: usize, limit: u64| -> Result<Vec<u8>, Problem> {
        let stored = stored.get(index).ok_or_else(|| Problem::unreadable("vanished"))?;
        let mut reader = archive.reader(stored).map_err(|e| problem(&e))?;
        read_all(&mut reader, limit)
    };
    let tasks = tasks(walk, place, members, &mut load)?;
    for ((task, stored), is_record) in tasks.into_iter().zip(&stored).zip(records) {
        let Some(own) = settle(walk, task)? else { continue };
        if is_record {
            archive.member(walk, &own, stored)?;
        } else {
            walk.sidecar(&own.container, SidecarKind::Record)?;
        }
    }
    Flow::Continue(())
}

/// What the central directory tells.
fn directory(shared: &Shared, limits: &Limits) -> Result<(Vec<Member>, Vec<Stored>), Problem> {
    let damaged = |_| Problem::unreadable("damaged: zip directory");
    let length = shared.length().map_err(|e| problem(&e))?;
    let announced = announced(shared, length).map_err(|e| problem(&e))?;
    let announced = announced.ok_or_else(|| Problem::unreadable("truncated: zip without its directory"))?;
    if announced > limits.members {
        return Err(Problem::unreadable(format!("limit_members: {announced}, {} allowed", limits.members)));
    }
    let mut archive = ZipArchive::new(shared.section(0, length).buffered()).map_err(damaged)?;
    let (mut members, mut stored, mut packed) = (Vec::new(), Vec::new(), 0_u64);
    for index in 0..archive.len() {
        let Ok(file) = archive.by_index_raw(index) else {
            let why = Problem::unreadable("damaged: zip member");
            members.push(Member { name: format!("#{}", index + 1).into(), size: 0, problem: Some(why) });
            stored.push(Stored { start: 0, length: 0, codec: None, crc: 0 });
            continue;
        };
        if file.is_dir() {
            continue;
        }
        packed = packed.saturating_add(file.compressed_size());
        let codec = match file.compression() {
            CompressionMethod::Stored => Ok(None),
            CompressionMethod::Deflated => Ok(Some(Codec::Deflate)),
            CompressionMethod::Zstd => Ok(Some(Codec::Zstd)),
            other => Err(Problem::unreadable(format!("unsupported_compression: {other}"))),
        };
        let place = file.data_start().ok_or_else(|| Problem::unreadable("damaged: zip member"));
        let problem = if file.encrypted() {
            Some(Problem::unreadable("encrypted"))
        } else if file.is_symlink() {
            Some(Problem::unreadable("symlink_not_followed"))
        } else {
            codec.clone().err().or(place.clone().err())
        };
        stored.push(Stored {
            start: place.unwrap_or(0),
            length: file.compressed_size(),
            codec: codec.unwrap_or(None),
            crc: file.crc32(),
        });
        members.push(Member { name: file.name_raw().to_vec(), size: file.size(), problem });
    }
    if packed > length {
        return Err(Problem::unreadable("limit_overlap: the members are larger than the archive"));
    }
    Ok((members, stored))
}

/// How many members the end of the directory announces (4.3.16; 4.3.14 for zip64), before room is made for them; `None`
/// where there is no such end.
fn announced(shared: &Shared, length: u64) -> io::Result<Option<u64>> {
    /// The end record and the longest comment.
    const TAIL: u64 = 22 + 0xffff;
    let start = length.saturating_sub(TAIL);
    let mut tail = Vec::new();
    shared.section(start, length - start).read_to_end(&mut tail)?;
    let Some(at) = memchr::memmem::rfind(&tail, b"PK\x05\x06") else { return Ok(None) };
    let small = number(&tail, at + 10, 2);
    if small != 0xffff {
        return Ok(Some(small));
    }
    let locator =
        at.checked_sub(20).filter(|at| tail.get(*at..).is_some_and(|t| t.starts_with(b"PK\x06\x07")));
    let Some(locator) = locator else { return Ok(Some(small)) };
    let mut record = Vec::new();
    shared.section(number(&tail, locator + 8, 8), 56).read_to_end(&mut record)?;
    Ok(Some(number(&record, 32, 8)))
}

/// A number of so many bytes, the lowest first; 0 where they are not there.
fn number(bytes: &[u8], at: usize, width: usize) -> u64 {
    let bytes = at.checked_add(width).and_then(|end| bytes.get(at..end)).unwrap_or_default();
    bytes.iter().rev().fold(0, |sum, byte| (sum << 8) | u64::from(*byte))
}

struct Archive {
    shared: Shared,
    length: u64,
    limits: Limits,
    /// Decompressed bytes of all members so far.
    given: Rc<Cell<u64>>,
}

impl Archive {
    fn member(&self, walk: &mut Walk<'_>, place: &Place, stored: &Stored) -> Flow {
        // A container that is stored as it is can be jumped in.
        if stored.codec.is_none() {
            let mut section = self.shared.section(stored.start, stored.length);
            let mut head = vec![0; 512];
            let is_zip_or_table = section.read(&mut head).is_ok_and(|n| {
                head.truncate(n);
                let content = sniff::named(&head, &walk.options.fields, place.unsupported.as_deref());
                matches!(
                    content,
                    Content::Zip
                        | Content::Tar
                        | Content::Records(_)
                        | Content::Compressed(_)
                        | Content::Parquet
                        | Content::ArrowFile
                        | Content::ArrowStream
                )
            });
            if is_zip_or_table {
                let section = self.shared.section(stored.start, stored.length);
                return contain(walk, place, Raw::Seek(Box::new(section)));
            }
        }
        match self.reader(stored) {
            Ok(reader) => contain(walk, place, Raw::Stream(reader)),
            Err(error) => walk.lost(place, 0, problem(&error)),
        }
    }

    fn reader(&self, stored: &Stored) -> io::Result<Box<dyn Read>> {
        let packed = self.shared.section(stored.start, stored.length);
        let inner: Box<dyn Read> = match stored.codec {
            Some(codec) => codec.reader(packed, &self.limits)?,
            None => Box::new(packed),
        };
        Ok(Box::new(Checked {
            inner,
            crc: crc32(),
            expected: stored.crc,
            given: Rc::clone(&self.given),
            most: self.limits.ratio.saturating_mul(self.length),
            free: self.limits.ratio_after.saturating_mul(ARCHIVE_PATIENCE),
        }))
    }
}

/// Compares the checksum at the end, and counts what the whole archive became.
struct Checked {
    inner: Box<dyn Read>,
    crc: crate::inflate::Crc,
    expected: u32,
    given: Rc<Cell<u64>>,
    most: u64,
    free: u64,
}

impl Read for Checked {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(out)?;
        if n == 0 && !out.is_empty() && self.crc.sum() != self.expected {
            return Err(Damage("damaged: zip checksum".to_owned()).into());
        }
        self.crc.update(out.get(..n).unwrap_or_default());
        let given = self.given.get() + n as u64;
        self.given.set(given);
        if given > self.free && given > self.most {
            return Err(Limit("limit_ratio: the whole archive".to_owned()).into());
        }
        Ok(n)
    }
}
