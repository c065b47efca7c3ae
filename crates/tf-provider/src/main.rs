//! A provider of Terraform that accepts what a schema accepts and makes nothing: `appia-tf-provider SCHEMA.json`.
//!
//! `cargo xtask judge terraform` puts a script that starts it where Terraform looks for a provider. It ends when Terraform
//! says so, or goes. Start at `serve.rs`.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.as_slice() {
        [schema] => appia_tf_provider::serve::run(Path::new(schema)),
        _ => Err(anyhow::anyhow!("usage: appia-tf-provider SCHEMA.json")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Terraform shows what a provider says here, if it shows anything.
            let _ = writeln!(std::io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
