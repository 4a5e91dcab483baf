//! Who does what when (under construction).
