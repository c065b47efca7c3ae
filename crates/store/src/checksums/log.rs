//! Reads SQLite's write-ahead log with SQLite's own checksums, to know what was committed and whether it still stands.
//!
//! SQLite looks at them only when it opens a database, and then takes a damaged frame for the end of the log: what was
//! committed after it would be gone without a word. Source: sqlite.org/fileformat2.html, section 4.
//! Start reading at [`Log::read_on`].

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::pages::crc;

const HEADER: usize = 32;
const FRAME: usize = 24;
/// The last bit says in which order the checksums read their words.
const MAGIC: u32 = 0x377f_0682;

/// What a log says, up to its last commit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Log {
    /// Tells one filling of the log from the next; all zero: there is none.
    pub(super) salt: [u8; 8],
    /// The committed frames in their order: number and checksum of the page that each brings.
    pub(super) frames: Vec<(u32, u32)>,
    /// Pages that the database has after the last commit.
    pub(super) pages: u32,
    page_size: usize,
    big_endian: bool,
    /// SQLite's running checksum at the last commit.
    sum: (u32, u32),
}

impl Log {
    /// Goes on where this log ended. One that was begun anew since, or does not read, is read from its start.
    pub(super) fn read_on(self, path: &Path) -> io::Result<Log> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Log::default()),
            Err(error) => return Err(error),
        };
        let Some(fresh) = Log::begin(&file)? else { return Ok(Log::default()) };
        let mut log = if fresh.salt == self.salt { self } else { fresh };
        log.follow(&file)?;
        Ok(log)
    }

    /// The log's head; `None`: it has none, or one that SQLite will not believe.
    fn begin(file: &File) -> io::Result<Option<Log>> {
        let mut header = [0; HEADER];
        if !filled(file, &mut header, 0)? {
            return Ok(None);
        }
        let magic = word(&header, 0);
        if magic & !1 != MAGIC {
            return Ok(None);
        }
        let big_endian = magic & 1 == 1;
        let page_size = usize::try_from(word(&header, 8)).unwrap_or_default();
        let sum = checksum((0, 0), header.get(..24).unwrap_or_default(), big_endian);
        if sum != (word(&header, 24), word(&header, 28)) || !(512..=65_536).contains(&page_size) {
            return Ok(None);
        }
        let mut salt = [0; 8];
        salt.copy_from_slice(header.get(16..24).unwrap_or(&[0; 8]));
        Ok(Some(Log { salt, page_size, big_endian, sum, ..Log::default() }))
    }

    fn follow(&mut self, file: &File) -> io::Result<()> {
        let mut frame = vec![0; FRAME + self.page_size];
        let (mut sum, mut waiting) = (self.sum, Vec::new());
        loop {
            let at = HEADER + (self.frames.len() + waiting.len()) * frame.len();
            if !filled(file, &mut frame, u64::try_from(at).unwrap_or(u64::MAX))? {
                return Ok(());
            }
            let (head, page) = frame.split_at(FRAME);
            sum = checksum(sum, head.get(..8).unwrap_or_default(), self.big_endian);
            sum = checksum(sum, page, self.big_endian);
            if head.get(8..16) != Some(&self.salt[..]) || sum != (word(head, 16), word(head, 20)) {
                return Ok(());
            }
            waiting.push((word(head, 0), crc(page)));
            let pages = word(head, 4);
            if pages > 0 {
                self.frames.append(&mut waiting);
                (self.pages, self.sum) = (pages, sum);
            }
        }
    }
}

/// False when the file ends before.
fn filled(file: &File, bytes: &mut [u8], at: u64) -> io::Result<bool> {
    match file.read_exact_at(bytes, at) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

fn word(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|word| word.try_into().ok()).map_or(0, u32::from_be_bytes)
}

/// Over pairs of words.
fn checksum(start: (u32, u32), bytes: &[u8], big_endian: bool) -> (u32, u32) {
    let read = if big_endian { u32::from_be_bytes } else { u32::from_le_bytes };
    let (pairs, _) = bytes.as_chunks::<8>();
    pairs.iter().fold(start, |(first, second), [a, b, c, d, e, f, g, h]| {
        let first = first.wrapping_add(read([*a, *b, *c, *d])).wrapping_add(second);
        (first, second.wrapping_add(read([*e, *f, *g, *h])).wrapping_add(first))
    })
}
