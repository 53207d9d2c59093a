//! Tables of pages, as data frames are written.

#![allow(dead_code, reason = "every test file uses some")]

use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};
use arrow_ipc::{CompressionType, MetadataVersion};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression as Codec;
use parquet::file::properties::WriterProperties;

fn batch(body: &str) -> RecordBatch {
    let urls: ArrayRef = Arc::new(StringArray::from(vec![Some("http://a.gov.cn/1"), None, None]));
    let bodies: ArrayRef = Arc::new(StringArray::from(vec![Some("<p>一"), None, Some("三")]));
    let times: ArrayRef = Arc::new(Int64Array::from(vec![Some(1_706_673_906), None, None]));
    RecordBatch::try_from_iter_with_nullable([
        ("url", urls, true),
        (body, bodies, true),
        ("fetched_at", times, true),
    ])
    .unwrap()
}

fn parquet_with(codec: Codec, body: &str) -> Vec<u8> {
    let properties = WriterProperties::builder().set_compression(codec).build();
    let batch = batch(body);
    let mut out = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
    out.write(&batch).unwrap();
    out.into_inner().unwrap()
}

pub fn parquet_file(codec: &str) -> Vec<u8> {
    let codec = match codec {
        "zstd" => Codec::ZSTD(parquet::basic::ZstdLevel::default()),
        "snappy" => Codec::SNAPPY,
        _ => Codec::UNCOMPRESSED,
    };
    parquet_with(codec, "html")
}

pub fn parquet_of(body: &str) -> Vec<u8> {
    parquet_with(Codec::UNCOMPRESSED, body)
}

pub fn arrow_file(compressed: bool) -> Vec<u8> {
    arrow_file_at(8, compressed)
}

/// Its parts begin at multiples of so many bytes.
pub fn arrow_file_at(alignment: usize, compressed: bool) -> Vec<u8> {
    let compression = compressed.then_some(CompressionType::ZSTD);
    let options = IpcWriteOptions::try_new(alignment, false, MetadataVersion::V5).unwrap();
    let options = options.try_with_compression(compression).unwrap();
    let batch = batch("html");
    let mut out = FileWriter::try_new_with_options(Vec::new(), &batch.schema(), options).unwrap();
    out.write(&batch).unwrap();
    out.finish().unwrap();
    out.into_inner().unwrap()
}

pub fn arrow_stream() -> Vec<u8> {
    let batch = batch("html");
    let mut out = StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    out.write(&batch).unwrap();
    out.finish().unwrap();
    out.into_inner().unwrap()
}
