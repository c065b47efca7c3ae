//! The places a plan can go, one folder each.
