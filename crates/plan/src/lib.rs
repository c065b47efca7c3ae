//! The Plan graph with its reasons, and the traits that targets, drivers and journals fulfil.
