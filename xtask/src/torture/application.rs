//! The application that is tortured: a service on PostgreSQL and a static site, both of which say their version.
//!
//! The service speaks to its database through `psql`, so that it needs nothing but Python's standard library.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};

const INTENT: &str = r#"app: torture
workloads:
  api:
    build: ./api
    port: 8000
    env:
      PGHOST: "${resources.db.host}"
      PGPORT: "${resources.db.port}"
      PGDATABASE: "${resources.db.name}"
      PGUSER: "${resources.db.username}"
      PGPASSWORD: "${resources.db.password}"
    probes:
      readiness: { http: { path: /healthz } }
  site:
    type: site
    build: ./site
    public: true
resources:
  db: { type: postgres, params: { version: 15 } }
"#;

const SERVICE: &str = r#"import os, subprocess
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

VERSION = "@VERSION@"
TABLE = "create table if not exists rows (number int primary key);"

def sql(text):
    words = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", "set client_min_messages = error;" + text]
    return subprocess.run(words, check=True, capture_output=True, text=True, timeout=20).stdout

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        try:
            self.answer(200, self.page())
        except Exception as error:
            self.answer(500, repr(error) + str(getattr(error, "stderr", "")))

    def page(self):
        if self.path == "/healthz":
            return "ok"
        if self.path == "/version":
            return VERSION
        if self.path == "/rows":
            return sql(TABLE + "select number from rows order by number")
        if self.path == "/databases":
            return sql("select (select count(*) from pg_database) || ' ' || (select count(*) from pg_roles)")
        return sql(TABLE + "insert into rows values (%d)" % int(self.path.removeprefix("/add/"))) + "added"

    def answer(self, code, text):
        body = text.encode()
        self.send_response(code)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"#;

/// The files of the application.
pub(super) struct Application {
    folder: PathBuf,
}

impl Application {
    pub(super) fn write(folder: PathBuf) -> Result<Application> {
        for part in ["api", "site"] {
            std::fs::create_dir_all(folder.join(part))?;
        }
        std::fs::write(folder.join("appia.yaml"), INTENT)?;
        let application = Application { folder };
        application.set_version(0)?;
        Ok(application)
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Changes the source of both workloads.
    pub(super) fn set_version(&self, version: u32) -> Result<()> {
        let service = SERVICE.replace("@VERSION@", &version.to_string());
        std::fs::write(self.folder.join("api/main.py"), service)?;
        Ok(std::fs::write(self.folder.join("site/index.html"), format!("version {version}\n"))?)
    }
}

/// The body of a page; anything but 200 is an error.
pub(super) fn get(url: &str, path: &str) -> Result<String> {
    let address = url.strip_prefix("http://").unwrap_or(url).trim_end_matches('/');
    let mut stream = TcpStream::connect(address).with_context(|| format!("`{url}` does not answer"))?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    match answer.split_once("\r\n\r\n") {
        Some((head, body)) if head.split(' ').nth(1) == Some("200") => Ok(body.to_owned()),
        _ => bail!("`{path}` answered {answer:?}"),
    }
}
