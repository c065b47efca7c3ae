//! The control plane: HTTP, use cases, reconcilers.
