//! Broken containers: sound ones with bytes changed, cut, repeated and joined, the same ones for the same seed.

#![allow(dead_code, reason = "every test file uses some")]

use std::ops::ControlFlow;
use std::time::Duration;

use gongkai_input::{Container, InputOptions, Limits, Met};
use gongkai_model::CaptureStatus;

use super::*;

/// One container of every kind the readers know.
pub fn seeds() -> Vec<Vec<u8>> {
    let page = "<html><p>政府信息公开".as_bytes();
    let files: [(&str, &[u8]); 4] = [
        ("a/page.html", page),
        ("a/page.txt", b"text"),
        ("a/page.json", b"{\"url\": \"http://a.cn/\"}"),
        ("b.gz", &gzip(page)),
    ];
    let chunked = b"3\r\n<p>\r\n4\r\ntext\r\n0\r\n\r\n";
    let records = [
        warcinfo(),
        request("http://a.cn/1"),
        response("http://a.cn/1", "Content-Encoding: gzip\r\n", &gzip(page)),
        response("http://a.cn/2", "Transfer-Encoding: chunked\r\n", chunked),
        response("http://a.cn/3", "Content-Encoding: br\r\n", &brotli_stored(page)),
        record("revisit", "http://a.cn/1", "WARC-Payload-Digest: sha1:A\r\n", b"HTTP/1.1 200 OK\r\n\r\n"),
        resource("http://a.cn/4", &zip(&[("p.html", page)], true)),
    ];
    let json =
        b"{\"url\": \"http://a.cn/1\", \"html\": \"<p>\\u4e00\", \"text\": \"x\"}\n{\"html\": \"y\"}\n"
            .to_vec();
    let wacz = zip(&[("datapackage.json", b"{}"), ("archive/a.warc.gz", &gzip(&records.concat()))], false);
    vec![
        records.concat(),
        records.iter().flat_map(|r| gzip(r)).collect(),
        zstd(&records.concat()),
        json.clone(),
        [b"[".as_slice(), json.split(|b| *b == b'\n').next().unwrap_or_default(), b"]"].concat(),
        gzip(&json),
        zip(&files, true),
        zip(&files, false),
        tar(&files),
        gzip(&tar(&files)),
        wacz,
        parquet_file("zstd"),
        parquet_file("snappy"),
        arrow_file(true),
        arrow_stream(),
        nested_json(),
        har(),
        csv(),
        mhtml(),
        arc(&[("http://a.gov.cn/1", page), ("http://a.gov.cn/2", b"<p>two")]).concat(),
        arc(&[("http://a.gov.cn/1", page)]).iter().flat_map(|record| gzip(record)).collect(),
        workbook(&[&["url", "html"], &["http://a.gov.cn/1", "<p>one"]]),
    ]
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

/// A broken container.
pub fn mutant(seeds: &[Vec<u8>], dice: &mut Dice) -> Vec<u8> {
    /// Values by which lengths go wrong.
    const TELLING: [u8; 8] = [0, 1, 0x7f, 0x80, 0xff, b'\n', b'"', b'9'];
    let mut bytes = seeds[dice.below(seeds.len())].clone();
    for _ in 0..=dice.below(6) {
        let at = dice.below(bytes.len());
        let length = dice.below(16).min(bytes.len() - at);
        match dice.below(7) {
            0 if !bytes.is_empty() => bytes[at] ^= 1 << dice.below(8),
            1 if !bytes.is_empty() => bytes[at] = TELLING[dice.below(TELLING.len())],
            2 => bytes.truncate(at),
            3 => drop(bytes.drain(at..at + length)),
            4 => {
                let copy = bytes[at..at + length].to_vec();
                let to = dice.below(bytes.len() + 1);
                bytes.splice(to..to, copy);
            }
            5 => {
                let other = &seeds[dice.below(seeds.len())];
                let from = dice.below(other.len());
                bytes.truncate(at);
                bytes.extend_from_slice(&other[from..]);
            }
            _ => {
                let end = (at + 8).min(bytes.len());
                bytes[at..end].fill(TELLING[dice.below(TELLING.len())]);
            }
        }
    }
    bytes
}

/// Reads it, and says what a reader must not do: panic, hand out a document over the limit, or a name it was not given.
pub fn judge(bytes: &[u8]) -> Result<usize, String> {
    let limits = Limits {
        ratio: 100,
        ratio_after: 1 << 20,
        members: 1000,
        nested_bytes: 1 << 20,
        total_bytes: 1 << 26,
        ..Limits::default()
    };
    let options = InputOptions { max_bytes: 1 << 20, limits, ..InputOptions::default() };
    let (mut met, mut wrong) = (0, None);
    Container::of_bytes("seed", bytes.to_vec()).each(&options, &mut |part| {
        met += 1;
        if let Met::Capture(capture) = part {
            let failed = capture.problem.as_ref().is_some_and(|p| p.status == CaptureStatus::Failed);
            let too_large = capture.bytes.len() as u64 > options.max_bytes;
            let empty = capture.problem.is_none() && capture.bytes.is_empty();
            if failed || too_large || empty || !capture.container.starts_with("seed") {
                wrong = Some(format!("{}: {:?}", capture.container, capture.problem));
            }
        }
        ControlFlow::Continue(())
    });
    match wrong {
        Some(wrong) => Err(wrong),
        None if met == 0 => Err("nothing was told".to_owned()),
        None => Ok(met),
    }
}

/// What one container may take, by far; for the long run, which has a clock.
pub const PATIENCE: Duration = Duration::from_secs(10);
