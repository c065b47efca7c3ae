//! A checksum of each page of the database's file, kept in a file beside it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

use crc::{CRC_32_ISO_HDLC, Crc, Table};

/// Finds every change of up to 32 neighbouring bits.
const CRC: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISO_HDLC);
/// What the file begins with; the number is its version.
const HEAD: &[u8] = b"appia page sums 1\n";

/// The checksum of a page.
pub(super) fn crc(bytes: &[u8]) -> u32 {
    CRC.checksum(bytes)
}

/// A checksum of each page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct PageSums {
    page_size: u32,
    pages: Vec<u32>,
}

impl PageSums {
    /// Of a file as it is; SQLite tells its page size in the file's head.
    pub(super) fn of(file: &File) -> io::Result<PageSums> {
        let mut size = [0; 2];
        match file.read_exact_at(&mut size, 16) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(PageSums::default()),
            other => other?,
        }
        let page_size = match u16::from_be_bytes(size) {
            1 => 65_536,
            size => u32::from(size),
        };
        let mut sums = PageSums { page_size, pages: Vec::new() };
        sums.pages = sums.read(file)?;
        Ok(sums)
    }

    /// With the pages of a log in their places.
    pub(super) fn after(&self, frames: &[(u32, u32)], pages: u32) -> PageSums {
        let mut after = self.clone();
        after.pages.resize(usize::try_from(pages).unwrap_or_default(), 0);
        for (number, sum) in frames {
            let place = usize::try_from(*number).unwrap_or_default().checked_sub(1);
            if let Some(page) = place.and_then(|place| after.pages.get_mut(place)) {
                *page = *sum;
            }
        }
        after
    }

    /// The checksum of each page of a file now.
    pub(super) fn read(&self, file: &File) -> io::Result<Vec<u32>> {
        let size = usize::try_from(self.page_size.clamp(512, 65_536)).unwrap_or(512);
        let mut buffer = vec![0; size * 64];
        let (mut pages, mut at) = (Vec::new(), 0);
        loop {
            let length = fill(file, &mut buffer, at)?;
            pages.extend(buffer.get(..length).unwrap_or_default().chunks(size).map(crc));
            if length < buffer.len() {
                return Ok(pages);
            }
            at += u64::try_from(length).unwrap_or_default();
        }
    }

    pub(super) fn count(&self) -> usize {
        self.pages.len()
    }

    pub(super) fn page(&self, index: usize) -> Option<u32> {
        self.pages.get(index).copied()
    }

    /// Writes them to a file and waits for the disk.
    pub(super) fn write(&self, path: &Path) -> io::Result<()> {
        let mut bytes = HEAD.to_vec();
        bytes.extend(self.page_size.to_be_bytes());
        bytes.extend(self.pages.iter().flat_map(|page| page.to_be_bytes()));
        bytes.extend(crc(&bytes).to_be_bytes());
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
        file.write_all(&bytes)?;
        file.sync_all()
    }

    /// What [`PageSums::write`] wrote; `None`: there is no such file, or it is not as it was written.
    pub(super) fn load(path: &Path) -> io::Result<Option<PageSums>> {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let Some((bytes, sum)) = bytes.split_last_chunk::<4>() else { return Ok(None) };
        let rest = bytes.strip_prefix(HEAD).and_then(|rest| rest.split_first_chunk::<4>());
        let Some((size, pages)) = rest.filter(|_| crc(bytes) == u32::from_be_bytes(*sum)) else {
            return Ok(None);
        };
        let (pages, _) = pages.as_chunks::<4>();
        let pages = pages.iter().map(|page| u32::from_be_bytes(*page)).collect();
        Ok(Some(PageSums { page_size: u32::from_be_bytes(*size), pages }))
    }
}

fn fill(file: &File, buffer: &mut [u8], from: u64) -> io::Result<usize> {
    let mut length = 0;
    while let Some(rest) = buffer.get_mut(length..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, from + u64::try_from(length).unwrap_or_default())? {
            0 => break,
            more => length += more,
        }
    }
    Ok(length)
}
