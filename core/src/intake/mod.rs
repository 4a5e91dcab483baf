//! intake (to come).
