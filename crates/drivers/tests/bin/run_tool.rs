//! The reaper as a program, for the tests of this package. `appia internal run-tool` is the same two lines.
//!
//! `internal run-tool -- PROGRAM...` reaps; `hold PROGRAM...` runs a program under that reaper until killed;
//! `build CACHE CONTEXT COMMAND OUTPUT` builds with it, to be killed in the middle.

use std::ffi::OsString;
use std::process::ExitCode;

use appia_drivers::build::{BuildCache, BuildRequest, Builder, Options, Progress};
use appia_drivers::tool::{Tool, reaper_main};

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    match arguments.next() {
        Some(verb) if verb == "hold" => hold(arguments.collect()),
        Some(verb) if verb == "build" => build(arguments.collect()),
        _ => ExitCode::from(u8::try_from(reaper_main(arguments.skip(1).collect())).unwrap_or(1)),
    }
}

fn hold(argv: Vec<OsString>) -> ExitCode {
    let (Some((program, arguments)), Ok(reaper)) = (argv.split_first(), std::env::current_exe()) else {
        return ExitCode::FAILURE;
    };
    let Ok(runtime) = tokio::runtime::Runtime::new() else { return ExitCode::FAILURE };
    let tool = Tool::new(program).args(arguments).reaped_by(Some(&reaper));
    match runtime.block_on(tool.run(|_| {})) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn build(words: Vec<OsString>) -> ExitCode {
    let [cache, context, command, output] = words.as_slice() else { return ExitCode::FAILURE };
    let options = Options {
        command: Some(command.to_string_lossy().into_owned()),
        output: Some(output.into()),
        ..Options::default()
    };
    let request =
        BuildRequest { workload: "web".into(), context: context.into(), builder: Builder::Command, options };
    let (Ok(reaper), Ok(runtime)) = (std::env::current_exe(), tokio::runtime::Runtime::new()) else {
        return ExitCode::FAILURE;
    };
    let cache = BuildCache::new(cache).reaped_by(reaper);
    match runtime.block_on(cache.build(&request, &Progress::silent())) {
        Ok(_) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
