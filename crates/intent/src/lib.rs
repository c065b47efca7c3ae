//! The Intent: what an application is and promises, never how.
