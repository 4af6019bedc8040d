//! Questions about policies over all sequences of requests: what can never happen, and how it can.
//!
//! So far: [`arbac`], reachability of roles in the files of the administrative RBAC literature.

pub mod arbac;
