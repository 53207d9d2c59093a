//! All decompression of the program, behind one set of limits.
//!
//! `clippy.toml` bans the raw decoders everywhere else, so that no reader of a container can forget a limit. Every error
//! of a stream that comes from here is one of: the limit it hit ([`Limit`]), damage, or the system's.

#![forbid(unsafe_code)]
#![expect(clippy::disallowed_types, reason = "this is the one place that may use the raw decoders")]

use std::cell::Cell;
use std::fmt;
use std::io::{self, BufReader, Read};
use std::rc::Rc;

use flate2::{Decompress, FlushDecompress, Status};
use gongkai_model::Problem;

mod lenient;
mod limits;
mod package;

pub use lenient::{Inflated, inflate};
pub use limits::Limits;
pub use package::Package;

/// `ELOOP`, which `io::ErrorKind` has no stable name for.
const ELOOP: i32 = if cfg!(target_os = "linux") { 40 } else { 62 };

/// Bytes read at once from the compressed side.
const CHUNK: usize = 128 * 1024;
/// Largest window of a zstd frame, as a power of two: 128 MiB would be 27; memory is bounded by it.
const ZSTD_WINDOW: u32 = 26;

/// A way bytes are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    /// RFC 1952, all members.
    Gzip,
    /// RFC 1950, or the bare RFC 1951 that some servers send under the same name.
    HttpDeflate,
    /// RFC 1951, as in zip.
    Deflate,
    /// RFC 8878, all frames.
    Zstd,
    /// RFC 7932.
    Brotli,
}

impl Codec {
    /// The compression of a stream that begins with these bytes, if it is one that names itself.
    pub fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0x1f, 0x8b, 8, flags, ..] if flags & 0xe0 == 0 => Some(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Self::Zstd),
            _ => None,
        }
    }

    /// The compression of an HTTP content coding.
    pub fn of_http(name: &str) -> Option<Self> {
        Some(match name {
            "gzip" | "x-gzip" => Self::Gzip,
            "deflate" => Self::HttpDeflate,
            "br" => Self::Brotli,
            "zstd" => Self::Zstd,
            _ => return None,
        })
    }

    fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::HttpDeflate | Self::Deflate => "deflate",
            Self::Zstd => "zstd",
            Self::Brotli => "br",
        }
    }

    /// A stream of the decompressed bytes, within the limits.
    pub fn reader<'a>(self, compressed: impl Read + 'a, limits: &Limits) -> io::Result<Box<dyn Read + 'a>> {
        let taken = Rc::new(Cell::new(0));
        let mut counted =
            BufReader::with_capacity(CHUNK, Counted { inner: compressed, taken: Rc::clone(&taken) });
        let inner: Box<dyn Read + 'a> = match self {
            Self::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(counted)),
            Self::HttpDeflate if is_zlib(io::BufRead::fill_buf(&mut counted)?) => {
                Box::new(flate2::bufread::ZlibDecoder::new(counted))
            }
            Self::HttpDeflate | Self::Deflate => Box::new(flate2::bufread::DeflateDecoder::new(counted)),
            Self::Zstd => {
                let mut decoder = zstd::stream::read::Decoder::with_buffer(counted)?;
                decoder.window_log_max(ZSTD_WINDOW)?;
                Box::new(decoder)
            }
            Self::Brotli => Box::new(brotli_decompressor::Decompressor::new(counted, CHUNK)),
        };
        Ok(Box::new(Capped { inner, codec: self, taken, given: 0, limits: *limits }))
    }
}

/// RFC 1950, 2.2: the method is deflate and the two bytes are divisible by 31.
fn is_zlib(head: &[u8]) -> bool {
    matches!(head, [a, b, ..] if a & 0x0f == 8 && (u16::from(*a) << 8 | u16::from(*b)) % 31 == 0)
}

/// Counts what is read.
struct Counted<R> {
    inner: R,
    taken: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(out)?;
        self.taken.set(self.taken.get() + n as u64);
        Ok(n)
    }
}

/// Watches what a decoder makes of what it takes.
struct Capped<'a> {
    inner: Box<dyn Read + 'a>,
    codec: Codec,
    taken: Rc<Cell<u64>>,
    given: u64,
    limits: Limits,
}

impl Read for Capped<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(out).map_err(|e| damage(e, self.codec))?;
        self.given += n as u64;
        check(self.given, self.taken.get(), &self.limits)?;
        Ok(n)
    }
}

/// Whether so many bytes may come from so many.
///
/// # Errors
/// The [`Limit`].
pub fn check(given: u64, taken: u64, limits: &Limits) -> io::Result<()> {
    if given > limits.total_bytes {
        return Err(Limit(format!("limit_total_size: more than {} bytes", limits.total_bytes)).into());
    }
    if given > limits.ratio_after && given / limits.ratio > taken {
        return Err(Limit(format!("limit_ratio: more than {} times its size", limits.ratio)).into());
    }
    Ok(())
}

/// A limit that was hit: why a stream ends although it goes on.
#[derive(Debug)]
pub struct Limit(pub String);

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Limit {}

impl From<Limit> for io::Error {
    fn from(limit: Limit) -> Self {
        Self::other(limit)
    }
}

/// A stream that is not what its format says.
#[derive(Debug)]
pub struct Damage(pub String);

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Damage {}

impl From<Damage> for io::Error {
    fn from(damage: Damage) -> Self {
        Self::other(damage)
    }
}

/// What a decoder complains about, in stable words; what the system or a limit says stays as it is.
fn damage(error: io::Error, codec: Codec) -> io::Error {
    if error.raw_os_error().is_some() || error.get_ref().is_some_and(|e| e.is::<Limit>() || e.is::<Damage>())
    {
        return error;
    }
    let name = codec.name();
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Damage(format!("truncated: {name} stream ends early")).into(),
        io::ErrorKind::Interrupted => error,
        _ => Damage(format!("damaged: {name}")).into(),
    }
}

/// Why a stream could not be read, as a reason.
pub fn problem(error: &io::Error) -> Problem {
    match error.get_ref() {
        Some(inner) if inner.is::<Limit>() || inner.is::<Damage>() => Problem::unreadable(inner.to_string()),
        _ if error.kind() == io::ErrorKind::UnexpectedEof => Problem::unreadable("truncated"),
        _ if matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::Other)
            && error.raw_os_error().is_none() =>
        {
            Problem::unreadable("damaged")
        }
        _ => io_problem(error),
    }
}

/// A failed system call as a reason. Only stable words: messages differ between systems.
pub fn io_problem(error: &io::Error) -> Problem {
    if error.raw_os_error() == Some(ELOOP) {
        return Problem::unreadable("symlink_loop");
    }
    match error.kind() {
        io::ErrorKind::NotFound => Problem::unreadable("vanished"),
        io::ErrorKind::PermissionDenied => Problem::unreadable("permission_denied"),
        kind => Problem::unreadable(format!("io_error: {kind}")),
    }
}

/// Reads to the end, of at most `limit` bytes.
pub fn read_all(reader: &mut dyn Read, limit: u64) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    reader.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(|e| problem(&e))?;
    if bytes.len() as u64 > limit {
        return Err(Problem::unreadable(format!("too_large: more than {limit} bytes")));
    }
    Ok(bytes)
}

pub use flate2::Crc;

/// The CRC-32 of gzip and zip, of nothing yet.
pub fn crc32() -> Crc {
    Crc::new()
}

/// One gzip member after another (RFC 1952), each begun by the caller: for record files, where a damaged member must not
/// end the file. The checksum at a member's end is verified.
///
/// Head and checksum are read here: a decoder that reads them itself has to be made anew for every member.
pub struct Members {
    inflate: Decompress,
    at: Part,
    /// Bytes of a head or trailer that is not complete.
    gathered: Vec<u8>,
    crc: Crc,
    given: u64,
    taken: u64,
    limits: Limits,
}

/// Where in a member the next byte belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Head,
    Body,
    Trailer,
}

/// What one step of [`Members::step`] did.
pub struct Step {
    /// Compressed bytes used up.
    pub taken: usize,
    /// Bytes written.
    pub given: usize,
    /// The member is complete and sound.
    pub ended: bool,
}

impl Members {
    /// At no member yet.
    pub fn new(limits: &Limits) -> Self {
        Self {
            inflate: Decompress::new(false),
            at: Part::Head,
            gathered: Vec::new(),
            crc: Crc::new(),
            given: 0,
            taken: 0,
            limits: *limits,
        }
    }

    /// Forgets the member at hand.
    pub fn begin(&mut self) {
        self.inflate.reset(false);
        self.crc.reset();
        self.gathered.clear();
        (self.at, self.given, self.taken) = (Part::Head, 0, 0);
    }

    /// Decompresses some of `input` into `out`; no input means that there is no more.
    pub fn step(&mut self, input: &[u8], out: &mut [u8]) -> io::Result<Step> {
        let step = match self.at {
            Part::Head => self.head(input)?,
            Part::Body => self.body(input, out)?,
            Part::Trailer => self.trailer(input)?,
        };
        self.taken += step.taken as u64;
        self.given += step.given as u64;
        check(self.given, self.taken, &self.limits)?;
        if !step.ended && step.given == 0 && step.taken == 0 && input.is_empty() {
            return Err(Damage("truncated: gzip stream ends early".to_owned()).into());
        }
        Ok(step)
    }

    fn head(&mut self, input: &[u8]) -> io::Result<Step> {
        /// Longest head: it may hold a file's name and a comment.
        const MOST: usize = 64 * 1024;
        let mut taken = 0;
        for &byte in input {
            if let Some(done) = head_is_complete(&self.gathered) {
                if !done {
                    return Err(bad_gzip());
                }
                break;
            }
            if self.gathered.len() > MOST {
                return Err(bad_gzip());
            }
            self.gathered.push(byte);
            taken += 1;
        }
        if head_is_complete(&self.gathered) == Some(true) {
            self.at = Part::Body;
            self.gathered.clear();
        }
        Ok(Step { taken, given: 0, ended: false })
    }

    fn body(&mut self, input: &[u8], out: &mut [u8]) -> io::Result<Step> {
        let (before_in, before_out) = (self.inflate.total_in(), self.inflate.total_out());
        let status = self.inflate.decompress(input, out, FlushDecompress::None).map_err(|_| bad_gzip())?;
        let taken = (self.inflate.total_in() - before_in) as usize;
        let given = (self.inflate.total_out() - before_out) as usize;
        self.crc.update(out.get(..given).unwrap_or_default());
        if status == Status::StreamEnd {
            self.at = Part::Trailer;
        } else if taken == 0 && given == 0 && !input.is_empty() {
            return Err(bad_gzip());
        }
        Ok(Step { taken, given, ended: false })
    }

    fn trailer(&mut self, input: &[u8]) -> io::Result<Step> {
        const LENGTH: usize = 8;
        let taken = input.len().min(LENGTH.saturating_sub(self.gathered.len()));
        self.gathered.extend_from_slice(input.get(..taken).unwrap_or_default());
        let Ok(stated) = <[u8; LENGTH]>::try_from(self.gathered.as_slice()) else {
            return Ok(Step { taken, given: 0, ended: false });
        };
        // The checksum, then the length modulo 2^32, each with its lowest byte first.
        let sound = u64::from(self.crc.sum()) | u64::from(self.given as u32) << 32;
        if u64::from_le_bytes(stated) == sound {
            Ok(Step { taken, given: 0, ended: true })
        } else {
            Err(bad_gzip())
        }
    }
}

fn bad_gzip() -> io::Error {
    Damage("damaged: gzip".to_owned()).into()
}

/// Whether these are the bytes of a whole head (RFC 1952, 2.3): `None` when more are needed, `Some(false)` when they are none.
fn head_is_complete(bytes: &[u8]) -> Option<bool> {
    const FIXED: usize = 10;
    const FHCRC: u8 = 2;
    const FEXTRA: u8 = 4;
    const FNAME: u8 = 8;
    const FCOMMENT: u8 = 16;
    let head = bytes.get(..FIXED)?;
    let flags = match head {
        [0x1f, 0x8b, 8, flags, ..] if flags & 0xe0 == 0 => *flags,
        _ => return Some(false),
    };
    if flags == 0 {
        return Some(true);
    }
    let mut rest = bytes.get(FIXED..)?;
    if flags & FEXTRA != 0 {
        let (length, after) = rest.split_first_chunk::<2>()?;
        rest = after.get(usize::from(u16::from_le_bytes(*length))..)?;
    }
    for text in [FNAME, FCOMMENT] {
        if flags & text != 0 {
            rest = rest.get(memchr::memchr(0, rest)? + 1..)?;
        }
    }
    (flags & FHCRC == 0 || rest.len() >= 2).then_some(true)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        out.write_all(bytes).unwrap();
        out.finish().unwrap()
    }

    fn all(codec: Codec, bytes: &[u8], limits: &Limits) -> Result<Vec<u8>, String> {
        let mut reader = codec.reader(bytes, limits).map_err(|e| problem(&e).reason)?;
        read_all(&mut reader, 1 << 30).map_err(|p| p.reason)
    }

    #[test]
    fn every_codec_reads_what_its_encoder_wrote() {
        let text = "政府信息公开 ".repeat(1000).into_bytes();
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        zlib.write_all(&text).unwrap();
        let mut raw = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        raw.write_all(&text).unwrap();
        let raw = raw.finish().unwrap();
        let zstd = zstd::encode_all(text.as_slice(), 3).unwrap();
        let two = [gzip(&text), gzip(b"more")].concat();
        let limits = Limits::default();
        assert_eq!(all(Codec::HttpDeflate, &zlib.finish().unwrap(), &limits).unwrap(), text);
        assert_eq!(all(Codec::HttpDeflate, &raw, &limits).unwrap(), text);
        assert_eq!(all(Codec::Deflate, &raw, &limits).unwrap(), text);
        assert_eq!(all(Codec::Zstd, &zstd, &limits).unwrap(), text);
        assert_eq!(all(Codec::Gzip, &two, &limits).unwrap(), [text, b"more".to_vec()].concat());
        // RFC 7932: the empty stream, and one uncompressed meta-block.
        assert_eq!(all(Codec::Brotli, &[0x06], &limits).unwrap(), b"");
        assert_eq!(all(Codec::Brotli, b"\x0b\x02\x80hello\x03", &limits).unwrap(), b"hello");
    }

    #[test]
    fn limits_and_damage_have_reasons() {
        let limits = Limits { ratio_after: 1000, ratio: 100, total_bytes: 1 << 20, ..Limits::default() };
        let zeros = vec![0; 300_000];
        assert_eq!(
            all(Codec::Gzip, &gzip(&zeros), &limits).unwrap_err(),
            "limit_ratio: more than 100 times its size"
        );
        let small = Limits { ratio: 5000, ..limits };
        assert_eq!(all(Codec::Gzip, &gzip(&zeros), &small).unwrap(), zeros);
        let large = vec![7; 2 << 20];
        assert_eq!(
            all(Codec::Gzip, &gzip(&large), &small).unwrap_err(),
            "limit_total_size: more than 1048576 bytes"
        );
        let mut bytes = gzip(b"some text that is longer than nothing");
        let cut = bytes.get(..bytes.len() - 6).unwrap().to_vec();
        assert_eq!(all(Codec::Gzip, &cut, &limits).unwrap_err(), "truncated: gzip stream ends early");
        let last = bytes.len() - 6;
        bytes[last] ^= 1;
        assert_eq!(all(Codec::Gzip, &bytes, &limits).unwrap_err(), "damaged: gzip");
        assert_eq!(all(Codec::Zstd, b"\x28\xb5\x2f\xfd nonsense", &limits).unwrap_err(), "damaged: zstd");
    }

    #[test]
    fn members_with_any_head_and_in_any_pieces() {
        let mut gz = flate2::GzBuilder::new()
            .extra(vec![1, 2, 3])
            .filename("name")
            .comment("comment")
            .write(Vec::new(), flate2::Compression::fast());
        gz.write_all(b"some text").unwrap();
        let bytes = gz.finish().unwrap();
        for piece in [1, 3, 1000] {
            let mut members = Members::new(&Limits::default());
            for _ in 0..2 {
                members.begin();
                let (mut text, mut rest, mut ended) = (Vec::new(), bytes.as_slice(), false);
                let mut out = [0; 4];
                while !ended {
                    let step = members.step(&rest[..piece.min(rest.len())], &mut out).unwrap();
                    text.extend_from_slice(&out[..step.given]);
                    rest = &rest[step.taken..];
                    ended = step.ended;
                }
                assert_eq!((text.as_slice(), rest.len()), (b"some text".as_slice(), 0));
            }
        }
    }
}
