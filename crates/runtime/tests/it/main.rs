//! The runtime with real processes, real HTTP and a real PostgreSQL, each test in a home of its own.

mod bench;
mod first_slice;
