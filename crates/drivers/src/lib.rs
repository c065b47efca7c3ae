//! The door to tools and services: everything that is done by a program which is not ours.
//!
//! [`build`] turns a folder of source code into something that can be started, [`tool`] runs child programs so that
//! none outlives us, [`git`] asks a repository what it is. Nothing here decides what to build or when; the callers
//! are the command line, the server and the runtime. Start reading at [`build::BuildCache::build`].

pub mod build;
pub mod git;
pub mod tool;
