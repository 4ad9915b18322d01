//! Depends on the `msquic` crate so that Cargo builds libmsquic; nothing of this library is used.
