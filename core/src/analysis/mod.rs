//! analysis (to come).
