//! Why a request was not done, with the exit code that the command line ends with.

use appia_api::documents;
use appia_plan::DriverError;
use appia_runtime::agent::AgentError;
use appia_runtime::home::HomeError;
use appia_store::{AcceptError, StoreError};
use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::app::doctor::way_out;

/// Exit code of what failed.
const FAILED: u8 = 1;
/// Exit code of a wrong request.
const USAGE: u8 = 2;
/// Exit code when the world has moved on.
const MOVED: u8 = 7;

/// Why a request was not done.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// What was asked for makes no sense.
    #[error("{message}")]
    Request {
        /// Why.
        message: String,
        /// Ways out.
        help: Vec<String>,
    },
    /// The world is not as it was when a person agreed.
    #[error("{0}")]
    Moved(String),
    /// An operation was not accepted.
    #[error(transparent)]
    NotAccepted(#[from] AcceptError),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
    /// The machine could not be asked.
    #[error("the agent could not be asked")]
    Machine(#[from] DriverError),
    /// The agent does not answer.
    #[error("the agent could not be asked")]
    Agent(#[from] AgentError),
    /// The home cannot be used.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

impl ServerError {
    /// A request that makes no sense, with a way out.
    pub(crate) fn request(message: impl Into<String>, help: impl Into<String>) -> ServerError {
        ServerError::Request { message: message.into(), help: vec![help.into()] }
    }

    /// The document for whoever asked.
    pub fn document(&self) -> documents::Error {
        let (code, help) = match self {
            ServerError::Request { help, .. } => (USAGE, help.clone()),
            ServerError::Moved(_) => {
                (MOVED, vec!["look at the plan again and repeat the command".to_owned()])
            }
            ServerError::NotAccepted(error) if error.world_moved_on() => {
                (MOVED, vec!["wait for the other operation, then plan again".to_owned()])
            }
            ServerError::Store(error) | ServerError::NotAccepted(AcceptError::Store(error)) => {
                (FAILED, way_out(error))
            }
            ServerError::NotAccepted(_)
            | ServerError::Machine(_)
            | ServerError::Agent(_)
            | ServerError::Home(_)
            | ServerError::Other(_) => (FAILED, Vec::new()),
        };
        documents::Error { code, message: self.to_string(), help, causes: causes(self), changes: None }
    }
}

/// The chain of causes below an error, nearest first.
fn causes(error: &dyn std::error::Error) -> Vec<String> {
    std::iter::successors(error.source(), |cause| cause.source()).map(ToString::to_string).collect()
}

impl IntoResponse for ServerError {
    fn into_response(self) -> Response {
        let document = self.document();
        let status = match document.code {
            USAGE => StatusCode::BAD_REQUEST,
            MOVED => StatusCode::CONFLICT,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        (status, Json(document)).into_response()
    }
}
