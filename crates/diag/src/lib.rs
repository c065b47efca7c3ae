//! Spans, diagnostics, codes and hints; no rendering.
