//! The door to tools and services: builders, processes, git.
