//! The only SQL: migrations, journal, event log, sealed secrets.
