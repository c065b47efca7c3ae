//! One request: which file is meant, and which part of it.

use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

use bytes::Bytes;
use futures::TryStreamExt;
use http_body_util::{BodyExt, Full, StreamBody, combinators::BoxBody};
use hyper::body::{Frame, Incoming};
use hyper::header::{
    ACCEPT_RANGES, ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderName,
    IF_NONE_MATCH, LOCATION, RANGE,
};
use hyper::{Method, Request, Response, StatusCode};
use tokio_util::io::ReaderStream;

use super::media::media_type;

pub(super) type Answer = Response<BoxBody<Bytes, std::io::Error>>;

/// A file of so many bytes is read whole, which is faster.
const AT_ONCE: u64 = 256 << 10;

/// What a path means.
enum Meant {
    File(PathBuf),
    /// A folder that was asked for without its last `/`.
    Folder,
    Nothing,
}

/// A part of a file, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Whole,
    Between(u64, u64),
    Impossible,
}

/// Answers one request.
pub(super) async fn answer(root: &Path, request: &Request<Incoming>) -> Answer {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return with(empty(StatusCode::METHOD_NOT_ALLOWED), ALLOW, "GET, HEAD");
    }
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let asked = Asked {
        root: root.to_owned(),
        path: request.uri().path().to_owned(),
        head: request.method() == Method::HEAD,
        known: header(IF_NONE_MATCH),
        range: header(RANGE),
    };
    let made = tokio::task::spawn_blocking(move || asked.answer()).await;
    made.unwrap_or_else(|_| empty(StatusCode::INTERNAL_SERVER_ERROR))
}

/// What matters of a request.
struct Asked {
    root: PathBuf,
    path: String,
    head: bool,
    known: Option<String>,
    range: Option<String>,
}

impl Asked {
    fn answer(&self) -> Answer {
        match find(&self.root, &self.path) {
            Meant::File(path) => self.file(&path).unwrap_or_else(|| self.lost()),
            Meant::Folder => {
                with(empty(StatusCode::PERMANENT_REDIRECT), LOCATION, &format!("{}/", self.path))
            }
            Meant::Nothing => self.lost(),
        }
    }

    fn file(&self, path: &Path) -> Option<Answer> {
        let mut file = std::fs::File::open(path).ok()?;
        let metadata = file.metadata().ok()?;
        let length = metadata.len();
        let tag = format!("\"{:x}-{:x}-{length:x}\"", metadata.mtime(), metadata.mtime_nsec());
        if self.known.as_deref().is_some_and(|known| known.split(',').any(|one| one.trim() == tag)) {
            return Some(with(empty(StatusCode::NOT_MODIFIED), ETAG, &tag));
        }
        let (status, from, to) = match part(self.range.as_deref(), length) {
            Part::Whole => (StatusCode::OK, 0, length),
            Part::Between(first, last) => (StatusCode::PARTIAL_CONTENT, first, last + 1),
            Part::Impossible => {
                let answer = empty(StatusCode::RANGE_NOT_SATISFIABLE);
                return Some(with(answer, CONTENT_RANGE, &format!("bytes */{length}")));
            }
        };
        let mut answer = if self.head {
            with(empty(status), CONTENT_LENGTH, &(to - from).to_string())
        } else {
            file.seek(SeekFrom::Start(from)).ok()?;
            content(file, status, to - from)?
        };
        if status == StatusCode::PARTIAL_CONTENT {
            answer = with(answer, CONTENT_RANGE, &format!("bytes {from}-{}/{length}", to - 1));
        }
        let answer = with(answer, CONTENT_TYPE, media_type(path));
        let answer = with(with(answer, ETAG, &tag), ACCEPT_RANGES, "bytes");
        Some(with(answer, CACHE_CONTROL, "no-cache"))
    }

    /// The site's own page for what is not there.
    fn lost(&self) -> Answer {
        let page = match find(&self.root, "/404.html") {
            Meant::File(path) => std::fs::read(path).unwrap_or_default(),
            Meant::Folder | Meant::Nothing => b"not found\n".to_vec(),
        };
        let body = if self.head { Vec::new() } else { page };
        with(full(StatusCode::NOT_FOUND, body), CONTENT_TYPE, "text/html; charset=utf-8")
    }
}

fn find(root: &Path, path: &str) -> Meant {
    let Some(relative) = decode(path).and_then(|path| relative(&path)) else { return Meant::Nothing };
    let place = root.join(relative);
    if place.is_dir() {
        return match inside(root, &place.join("index.html")) {
            Some(file) if path.ends_with('/') => Meant::File(file),
            Some(_) => Meant::Folder,
            None => Meant::Nothing,
        };
    }
    let page = || (!path.ends_with('/')).then(|| inside(root, &place.with_added_extension("html"))).flatten();
    inside(root, &place).or_else(page).map_or(Meant::Nothing, Meant::File)
}

/// A file that really is below the folder and not hidden in it, wherever links lead.
fn inside(root: &Path, place: &Path) -> Option<PathBuf> {
    let real = place.canonicalize().ok()?;
    let shown = relative(&format!("/{}", real.strip_prefix(root).ok()?.to_str()?));
    (shown.is_some() && real.is_file()).then_some(real)
}

/// No way up, nothing hidden; `.well-known` is meant to be seen.
fn relative(path: &str) -> Option<PathBuf> {
    let path = path.strip_prefix('/')?;
    if path.starts_with('/') {
        return None;
    }
    let mut relative = PathBuf::new();
    for component in Path::new(path).components() {
        match component {
            Component::Normal(name) => {
                let name = name.to_str()?;
                if name.starts_with('.') && name != ".well-known" {
                    return None;
                }
                relative.push(name);
            }
            Component::CurDir => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(relative)
}

/// Percent decoding; `None` for what is no text or holds a zero.
fn decode(path: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let mut digit = || rest.next().and_then(|byte| char::from(byte).to_digit(16));
                let (high, low) = (digit()?, digit()?);
                bytes.push(u8::try_from(high * 16 + low).ok()?);
            }
            byte => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).ok().filter(|path| !path.contains('\0'))
}

/// One range; several at once are answered by the whole, as RFC 9110 allows.
fn part(range: Option<&str>, length: u64) -> Part {
    let Some((first, last)) = range.and_then(|range| range.strip_prefix("bytes=")?.split_once('-')) else {
        return Part::Whole;
    };
    match (first.trim().parse::<u64>(), last.trim().parse::<u64>()) {
        (Ok(first), _) if first >= length => Part::Impossible,
        (Ok(first), Ok(last)) if first <= last => Part::Between(first, last.min(length - 1)),
        (Ok(first), Err(_)) if last.trim().is_empty() => Part::Between(first, length - 1),
        (Err(_), Ok(last)) if first.trim().is_empty() && last > 0 && length > 0 => {
            Part::Between(length.saturating_sub(last), length - 1)
        }
        _ => Part::Whole,
    }
}

/// So many bytes of a file. A large one is read as the one who asked takes it, and does not fill the memory.
fn content(file: std::fs::File, status: StatusCode, length: u64) -> Option<Answer> {
    if length <= AT_ONCE {
        let mut body = Vec::new();
        file.take(length).read_to_end(&mut body).ok()?;
        return Some(full(status, body));
    }
    let bytes = ReaderStream::new(tokio::io::AsyncReadExt::take(tokio::fs::File::from_std(file), length));
    let mut answer = Response::new(StreamBody::new(bytes.map_ok(Frame::data)).boxed());
    *answer.status_mut() = status;
    Some(with(answer, CONTENT_LENGTH, &length.to_string()))
}

fn empty(status: StatusCode) -> Answer {
    full(status, Vec::new())
}

fn full(status: StatusCode, body: Vec<u8>) -> Answer {
    let body = Full::new(Bytes::from(body)).map_err(|never| match never {});
    let mut answer = Response::new(body.boxed());
    *answer.status_mut() = status;
    answer
}

fn with(mut answer: Answer, name: HeaderName, value: &str) -> Answer {
    if let Ok(value) = value.parse() {
        answer.headers_mut().insert(name, value);
    }
    answer
}
