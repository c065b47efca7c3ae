//! The `appia` command.

fn main() {}
