//! Test-only: a simulated world, fault injection, golden helpers.
