//! Folders as archives: for places that know no folders. Nothing of the machine or the time is in them.

use super::ReleaseError;
use super::folder::{Folder, Written};
use std::fs::File;
use std::io::Write;

/// Packs files into `<name>.tar.zst`, and takes the folder of that name away.
pub(crate) fn pack(folder: &Folder, name: &str, rows: u64, files: &[Written]) -> Result<(), ReleaseError> {
    let archive = format!("{name}.tar.zst");
    write(folder, files, &archive).map_err(ReleaseError::io("write", &folder.at(&archive)))?;
    folder.remove(name)?;
    folder.take_in(&archive, rows).map(|_| ())
}

fn write(folder: &Folder, files: &[Written], name: &str) -> std::io::Result<()> {
    // What is packed is compressed already.
    const LEVEL: i32 = 1;
    let mut encoder = zstd::Encoder::new(File::create(folder.at(name))?, LEVEL)?;
    encoder.include_checksum(true)?;
    let mut archive = tar::Builder::new(encoder);
    for file in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(file.bytes);
        header.set_mode(0o644);
        header.set_mtime(0);
        archive.append_data(&mut header, &file.path, File::open(folder.at(&file.path))?)?;
    }
    archive.into_inner()?.finish()?.flush()
}
