//! The formats Appia reads, one folder each.
