//! Wire types and routes of the control plane.
