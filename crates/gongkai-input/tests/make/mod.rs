//! Containers, written the way crawlers write them.

#![allow(dead_code, reason = "every test file uses some")]

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::default());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

pub fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut out = ZlibEncoder::new(Vec::new(), Compression::default());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

pub fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}

/// One uncompressed meta-block (RFC 7932, 9.2): window of 16 bits, then the length less one in 16 bits, then the bytes.
pub fn brotli_stored(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len() - 1).unwrap();
    assert!(length < 1 << 16);
    // Bits from the lowest: WBITS 0; not last 0; MNIBBLES 00; MLEN - 1; uncompressed 1.
    let header = length << 4 | 1 << 20;
    let mut out = header.to_le_bytes()[..3].to_vec();
    out.extend(bytes);
    // Last, empty.
    out.push(0b11);
    out
}

/// Bytes that do not compress, the same ones every time.
pub fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    std::iter::repeat_with(next).take(length).collect()
}

pub fn record(kind: &str, uri: &str, more: &str, block: &[u8]) -> Vec<u8> {
    let http = if kind == "resource" { "text/html" } else { "application/http; msgtype=response" };
    let mut out = format!(
        "WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {uri}\r\nWARC-Date: 2024-01-31T04:05:06Z\r\n\
         Content-Type: {http}\r\n{more}Content-Length: {}\r\n\r\n",
        block.len()
    )
    .into_bytes();
    out.extend(block);
    out.extend(b"\r\n\r\n");
    out
}

pub fn warcinfo() -> Vec<u8> {
    record("warcinfo", "urn:x", "", b"software: test\r\n")
}

pub fn request(uri: &str) -> Vec<u8> {
    record("request", uri, "", b"GET / HTTP/1.1\r\n\r\n")
}

pub fn resource(uri: &str, body: &[u8]) -> Vec<u8> {
    record("resource", uri, "", body)
}

pub fn response(uri: &str, more: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=gbk\r\n{more}\r\n");
    record("response", uri, "", &[head.as_bytes(), body].concat())
}

pub fn zip(files: &[(&str, &[u8])], deflated: bool) -> Vec<u8> {
    let method = if deflated { zip::CompressionMethod::Deflated } else { zip::CompressionMethod::Stored };
    let options = SimpleFileOptions::default().compression_method(method);
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        out.start_file(*name, options).unwrap();
        out.write_all(bytes).unwrap();
    }
    out.finish().unwrap().into_inner()
}

pub fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        out.append_data(&mut header, name, *bytes).unwrap();
    }
    out.into_inner().unwrap()
}

/// Names as they are, for those that are no UTF-8.
pub fn tar_raw(files: &[(&[u8], &[u8])]) -> Vec<u8> {
    let mut out = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_old();
        header.as_old_mut().name[..name.len()].copy_from_slice(name);
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        out.append(&header, *bytes).unwrap();
    }
    out.into_inner().unwrap()
}
