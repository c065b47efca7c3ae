//! Static files over HTTP: what a `site` workload runs on this machine, as `appia internal site ROOT`.
//!
//! Listens on `PORT` on the loopback interface, behind the gateway. Serves files below one folder, `index.html` for a
//! folder, `404.html` for what is not there; never anything outside, never a file whose name begins with a dot. Knows nothing of
//! plans. Start reading at [`run`].

mod answer;
mod media;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;

/// Why a site is not served.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// `PORT` is not set to a port.
    #[error("`PORT` does not say where to listen")]
    NoPort,
    /// The folder is not there.
    #[error("the folder `{}` of the site cannot be read", root.display())]
    Root {
        /// The folder.
        root: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The port is taken.
    #[error("cannot listen on port {port}")]
    Listen {
        /// The port.
        port: u16,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// Serves a folder on `PORT` until the process ends.
///
/// # Errors
/// When the folder or the port cannot be used.
pub async fn run(root: &Path) -> Result<(), SiteError> {
    let port = std::env::var("PORT").ok().and_then(|port| port.parse().ok()).ok_or(SiteError::NoPort)?;
    let root = root.canonicalize().map_err(|source| SiteError::Root { root: root.to_owned(), source })?;
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
        .await
        .map_err(|source| SiteError::Listen { port, source })?;
    serve(listener, root).await;
    Ok(())
}

/// Answers for ever.
async fn serve(listener: TcpListener, root: PathBuf) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            continue;
        };
        let root = root.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request| {
                let root = root.clone();
                async move { Ok::<_, std::convert::Infallible>(answer::answer(&root, &request).await) }
            });
            let _ = http1::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{Ipv4Addr, TcpStream};

    use super::serve;

    /// The first line of the answer, its headers in lower case, and its body.
    fn ask(port: u16, line: &str, header: &str) -> (String, String, String) {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        write!(stream, "{line} HTTP/1.1\r\nhost: x\r\n{header}connection: close\r\n\r\n").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let (first, headers) = head.split_once("\r\n").unwrap();
        (first.to_owned(), headers.to_ascii_lowercase(), body.to_owned())
    }

    fn check(port: u16, line: &str, header: &str, status: &str, body: &str) -> String {
        let (first, headers, text) = ask(port, line, header);
        assert_eq!((first.as_str(), text.as_str()), (format!("HTTP/1.1 {status}").as_str(), body), "{line}");
        headers
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn serves_files_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("site");
        std::fs::create_dir_all(root.join("docs")).unwrap();
        std::fs::create_dir_all(root.join(".hidden")).unwrap();
        for (path, text) in [
            ("index.html", "home"),
            ("404.html", "lost"),
            ("docs/index.html", "docs"),
            ("about.html", "about"),
            (".env", "hidden"),
            ("a b.txt", "0123456789"),
            (".hidden/key.txt", "hidden"),
            ("../outside.txt", "outside"),
        ] {
            std::fs::write(root.join(path), text).unwrap();
        }
        std::fs::write(root.join("large.bin"), "a".repeat(1_000_000)).unwrap();
        std::os::unix::fs::symlink(folder.path().join("outside.txt"), root.join("link.txt")).unwrap();
        std::os::unix::fs::symlink(".env", root.join("shown.txt")).unwrap();
        std::os::unix::fs::symlink(".hidden", root.join("shown")).unwrap();
        std::os::unix::fs::symlink("about.html", root.join("inside.html")).unwrap();
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(serve(listener, root.canonicalize().unwrap()));
        tokio::task::spawn_blocking(move || {
            let headers = check(port, "GET /", "", "200 OK", "home");
            assert!(headers.contains("content-type: text/html; charset=utf-8"), "{headers}");
            let tag = headers.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap().to_owned();
            check(port, "GET /", &format!("if-none-match: {tag}\r\n"), "304 Not Modified", "");
            check(port, "GET /docs/?x=1", "", "200 OK", "docs");
            let headers = check(port, "GET /docs", "", "308 Permanent Redirect", "");
            assert!(headers.contains("location: /docs/"), "{headers}");
            check(port, "GET /about", "", "200 OK", "about");
            check(port, "GET /inside", "", "200 OK", "about");
            check(port, "GET /a%20b.txt", "range: bytes=0-1,3-4\r\n", "200 OK", "0123456789");
            check(
                port,
                "GET /a%20b.txt",
                "range: bytes=18446744073709551615-\r\n",
                "416 Range Not Satisfiable",
                "",
            );
            check(port, "HEAD /about", "", "200 OK", "");
            check(port, "GET /a%20b.txt", "range: bytes=2-4\r\n", "206 Partial Content", "234");
            check(port, "GET /a%20b.txt", "range: bytes=-2\r\n", "206 Partial Content", "89");
            check(port, "GET /a%20b.txt", "range: bytes=7-\r\n", "206 Partial Content", "789");
            check(port, "GET /a%20b.txt", "range: bytes=90-\r\n", "416 Range Not Satisfiable", "");
            let (_, headers, body) = ask(port, "GET /large.bin", "");
            assert!(headers.contains("content-length: 1000000") && body.len() == 1_000_000, "{headers}");
            check(port, "GET /large.bin", "range: bytes=-5\r\n", "206 Partial Content", "aaaaa");
            for method in ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PROPFIND"] {
                check(port, &format!("{method} /"), "", "405 Method Not Allowed", "");
            }
            for path in [
                "/none",
                "/.env",
                "/shown.txt",
                "/shown/key.txt",
                "/.hidden/key.txt",
                "/%2ehidden/key.txt",
                "/docs/../.env",
                "/docs/%2e%2e/%2e%2e/outside.txt",
                "/..%5coutside.txt",
                "/%c0%ae%c0%ae/outside.txt",
                "/%2fetc/passwd",
                "/%zz",
                "/../outside.txt",
                "/%2e%2e/outside.txt",
                "/docs/..%2f..%2foutside.txt",
                "/link.txt",
                "/a%00b",
                "//etc/passwd",
            ] {
                check(port, &format!("GET {path}"), "", "404 Not Found", "lost");
            }
        })
        .await
        .unwrap();
    }
}
