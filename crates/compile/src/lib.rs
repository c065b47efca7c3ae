//! The ordered passes from an Intent to a Plan.
