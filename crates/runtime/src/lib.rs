//! The local machine as a platform: supervisor, local resources, gateway, telemetry.

pub mod telemetry;
