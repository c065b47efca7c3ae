//! A provider that stands in for one that cannot be installed: it accepts what the schema accepts, plans what is asked for,
//! invents the values that the real one would compute, and makes nothing.
//!
//! It speaks version 6 of Terraform's protocol for plugins: a line on standard output tells the socket, then calls come as
//! gRPC over HTTP/2. Without TLS, so whoever starts Terraform sets `TF_DISABLE_PLUGIN_TLS`. Start at [`run`], then `answers.rs`.

mod answers;
mod encoded;
mod grpc;
mod state;
mod wire;

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Notify;

use self::answers::Provider;
use crate::schema::Schema;

/// Terraform sets this for its plugins, so that nobody starts one by mistake.
const COOKIE: (&str, &str) =
    ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2");

/// Serves the schema in a file until Terraform has no more questions.
pub fn run(schema: &Path) -> Result<()> {
    if std::env::var(COOKIE.0).ok().as_deref() != Some(COOKIE.1) {
        bail!("this program is a plugin: Terraform starts it");
    }
    let text =
        std::fs::read_to_string(schema).with_context(|| format!("`{}` cannot be read", schema.display()))?;
    let provider = Arc::new(Provider::new(Schema::read(&text)?));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(serve(provider))
}

async fn serve(provider: Arc<Provider>) -> Result<()> {
    let folder = tempfile::Builder::new().prefix("tfp").tempdir()?;
    let socket = folder.path().join("s");
    let listener = UnixListener::bind(&socket)?;
    // Version of the handshake, version of the protocol, where, and how.
    writeln!(std::io::stdout(), "1|6|unix|{}|grpc", socket.display())?;
    std::io::stdout().flush()?;
    let end = Arc::new(Notify::new());
    let mut parent = tokio::time::interval(std::time::Duration::from_secs(1));
    let first = std::os::unix::process::parent_id();
    loop {
        tokio::select! {
            () = end.notified() => return Ok(()),
            // Terraform was killed, and will never say that it is done.
            _ = parent.tick() => if std::os::unix::process::parent_id() != first { return Ok(()) },
            accepted = listener.accept() => {
                let (stream, _) = accepted?;
                tokio::spawn(connection(stream, Arc::clone(&provider), Arc::clone(&end)));
            }
        }
    }
}

async fn connection(stream: UnixStream, provider: Arc<Provider>, end: Arc<Notify>) {
    let service = service_fn(move |request| grpc::call(request, Arc::clone(&provider), Arc::clone(&end)));
    // A connection that breaks is Terraform's to tell of.
    let _ = http2::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
}
