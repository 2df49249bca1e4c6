//! Zip containers.
