//! The local machine as a platform: supervisor, local resources, gateway, telemetry.

pub mod gateway;
pub mod telemetry;
