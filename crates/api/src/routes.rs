//! The routes of the control plane: below `/v1`, but for [`METRICS`]. Changes and logs stream their events as lines.

/// `GET`: whether the server answers; [`crate::documents::Server`].
pub const HEALTH: &str = "/v1/health";
/// `POST` [`crate::protocol::ChangeRequest`]: what a goal would change; [`crate::protocol::ChangeAnswer`].
pub const CHANGES: &str = "/v1/changes";
/// `POST` [`crate::protocol::OperationRequest`]: does it; a line of [`crate::protocol::Line`] for each event.
pub const OPERATIONS: &str = "/v1/operations";
/// `GET`: [`crate::documents::Status`].
pub const STATUS: &str = "/v1/apps/{app}/environments/{environment}/status";
/// `GET`: [`crate::documents::Applications`].
pub const APPS: &str = "/v1/apps";
/// `POST`: asks the running operation of an environment to take back what it did.
pub const INTERRUPT: &str = "/v1/apps/{app}/environments/{environment}/interrupt";
/// `POST` [`crate::protocol::LogQuery`]: a line of [`crate::documents::StreamEvent`] for each line of a log.
pub const LOGS: &str = "/v1/apps/{app}/environments/{environment}/logs";
/// `GET`: [`crate::documents::Leaks`].
pub const LEAKS: &str = "/v1/leaks";
/// `POST` [`crate::protocol::BackupRequest`]: a copy of the store; [`crate::documents::Backup`].
pub const BACKUP: &str = "/v1/store/backup";
/// `GET`: [`crate::documents::Doctor`].
pub const DOCTOR: &str = "/v1/store/doctor";
/// `POST`: ends the server; with `everything=true` the agent too, and with it everything that runs.
pub const SHUTDOWN: &str = "/v1/shutdown";
/// `GET`: OpenMetrics.
pub const METRICS: &str = "/metrics";
