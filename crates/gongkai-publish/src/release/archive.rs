//! A table's folders as one archive: for places that know no folders. Nothing of the machine or the time is in it.

use super::ReleaseError;
use super::folder::Folder;
use super::tables::Table;
use std::fs::File;
use std::io::Write;

/// Packs every table, and takes its folders away.
pub(crate) fn pack(folder: &Folder, tables: &mut [Table<'_>]) -> Result<(), ReleaseError> {
    for table in tables {
        let name = format!("{}.tar.zst", table.spec.name);
        write(folder, table, &name).map_err(ReleaseError::io("write", &folder.at(&name)))?;
        folder.remove(&table.spec.name)?;
        folder.take_in(&name, table.rows)?;
    }
    Ok(())
}

fn write(folder: &Folder, table: &Table<'_>, name: &str) -> std::io::Result<()> {
    // What is packed is compressed already.
    const LEVEL: i32 = 1;
    let mut encoder = zstd::Encoder::new(File::create(folder.at(name))?, LEVEL)?;
    encoder.include_checksum(true)?;
    let mut archive = tar::Builder::new(encoder);
    for file in &table.files {
        let mut header = tar::Header::new_ustar();
        header.set_size(file.bytes);
        header.set_mode(0o644);
        header.set_mtime(0);
        archive.append_data(&mut header, &file.path, File::open(folder.at(&file.path))?)?;
    }
    archive.into_inner()?.finish()?.flush()
}
